import { textOf } from './texts.ts';

const maxIdBytes = 16;

/** The body cannot be read as OTLP at all: the whole request is refused (400) and must not be sent again. */
export class MalformedBody extends Error {
  override name = 'MalformedBody';
}

/**
 * A bounds-checked cursor over protobuf wire format. Our own instead of a generated decoder because a span must be
 * rejected alone: an error inside one sub-message leaves the cursor able to go on behind it. 64-bit integers are bigint.
 */
export class WireReader {
  readonly buffer: Buffer;
  /** Of the same bytes: it reads a bigint in one piece, where `Buffer` makes four. */
  readonly view: DataView;
  pos = 0;
  end: number;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.byteLength);
    this.end = this.buffer.length;
  }

  get more(): boolean {
    return this.pos < this.end;
  }

  /** Narrows the cursor to the length-delimited field that starts here; returns the outer end for `leave`. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  /** A varint cut to 32 bits, as protobuf does for tags, enums, booleans and lengths. */
  uint32(): number {
    const { pos } = this;
    const first = pos < this.end ? this.buffer[pos]! : 128;
    if (first < 128) {
      this.pos = pos + 1;
      return first;
    }
    return this.longUint32();
  }

  private longUint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new MalformedBody(`varint longer than 10 bytes at offset ${this.pos}`);
  }

  uint64(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 127) << shift;
      if (byte < 128) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw new MalformedBody(`varint longer than 10 bytes at offset ${this.pos}`);
  }

  /** A signed varint as decimal text; small ones, which nearly all are, without a bigint. */
  int64Text(): string {
    const { buffer, pos } = this;
    let value = 0;
    let factor = 1;
    for (let at = pos; at < this.end && at < pos + 7; at++) {
      const byte = buffer[at]!;
      value += (byte & 127) * factor;
      if (byte < 128) {
        this.pos = at + 1;
        return String(value);
      }
      factor *= 128;
    }
    return this.int64().toString();
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  fixed64(): bigint {
    this.need(8);
    const value = this.view.getBigUint64(this.pos, true);
    this.pos += 8;
    return value;
  }

  sfixed64(): bigint {
    return BigInt.asIntN(64, this.fixed64());
  }

  fixed32(): number {
    this.need(4);
    const value = this.view.getUint32(this.pos, true);
    this.pos += 4;
    return value;
  }

  double(): number {
    this.need(8);
    const value = this.view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  string(): string {
    const length = this.length();
    const start = this.pos;
    this.pos += length;
    return this.buffer.toString('utf8', start, this.pos);
  }

  /** As `string`, for words that repeat. */
  text(): string {
    const length = this.length();
    const start = this.pos;
    this.pos += length;
    return textOf(this.buffer, start, this.pos);
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.length();
    const start = this.pos;
    this.pos += length;
    return this.buffer.subarray(start, this.pos);
  }

  /**
   * An id. One that is longer than any id gives enough digits to be seen as wrong, and no more. `last`: what it often is
   * again, so that spans of one trace share its text.
   */
  hex(last: LastId | null = null): string {
    const length = this.length();
    const start = this.pos;
    this.pos += length;
    if (last !== null && length <= maxIdBytes) return last.hex(this.buffer, start, length);
    return this.buffer.toString('hex', start, start + Math.min(length, maxIdBytes + 1));
  }

  /** Length prefix of the field that starts here, checked against the enclosing message. */
  length(): number {
    const length = this.uint32();
    this.need(length);
    return length;
  }

  skip(tag: number): void {
    if (tag >>> 3 === 0) throw new MalformedBody(`field number 0 at offset ${this.pos}`);
    const wireType = tag & 7;
    if (wireType === 0) this.skipVarint();
    else if (wireType === 1) this.forward(8);
    else if (wireType === 2) this.forward(this.length());
    else if (wireType === 5) this.forward(4);
    else throw new MalformedBody(`wire type ${wireType} at offset ${this.pos} is not used by OTLP`);
  }

  /** As long as `uint64` takes, which makes a bigint of it. */
  private skipVarint(): void {
    for (let bytes = 1; bytes <= 10; bytes++) if (this.byte() < 128) return;
    throw new MalformedBody(`varint longer than 10 bytes at offset ${this.pos}`);
  }

  private forward(bytes: number): void {
    this.need(bytes);
    this.pos += bytes;
  }

  private need(bytes: number): void {
    if (this.pos + bytes > this.end) throw new MalformedBody(`message ends early at offset ${this.pos}`);
  }

  private byte(): number {
    if (this.pos >= this.end) throw new MalformedBody(`message ends early at offset ${this.pos}`);
    return this.buffer[this.pos++]!;
  }
}

/** The id that was read last in one place. */
export class LastId {
  private readonly bytes = new Uint8Array(maxIdBytes);
  private length = -1;
  private text = '';

  hex(buffer: Buffer, start: number, length: number): string {
    const { bytes } = this;
    let isSame = length === this.length;
    for (let at = 0; isSame && at < length; at++) isSame = buffer[start + at] === bytes[at];
    if (isSame) return this.text;
    for (let at = 0; at < length; at++) bytes[at] = buffer[start + at]!;
    this.length = length;
    this.text = buffer.toString('hex', start, start + length);
    return this.text;
  }
}
