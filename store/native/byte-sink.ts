/** Up to so many bytes a loop copies faster than `Buffer.copy`, which makes an object for each copy. */
const shortCopy = 256;

/** A buffer that grows as it is written to; little-endian, as ClickHouse's formats are. */
export class ByteSink {
  private buffer: Buffer;
  /** Of the same bytes: it writes a bigint without taking it apart into other bigints, as `Buffer` does. */
  private numbers: DataView;
  private length = 0;

  constructor(capacity = 4_096) {
    this.buffer = Buffer.allocUnsafe(capacity);
    this.numbers = viewOf(this.buffer);
  }

  get size(): number {
    return this.length;
  }

  /** What was written, valid until the next write or clear. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  uint8(value: number): void {
    this.room(1);
    this.buffer[this.length++] = value;
  }

  uint16(value: number): void {
    this.room(2);
    this.length = this.buffer.writeUInt16LE(value, this.length);
  }

  uint32(value: number): void {
    this.room(4);
    this.length = this.buffer.writeUInt32LE(value, this.length);
  }

  /** A whole number from 0 to 2^53, or a bigint that fits into 64 bits; negative ones in two's complement. */
  uint64(value: number | bigint): void {
    this.room(8);
    const { numbers, length } = this;
    if (typeof value === 'bigint') numbers.setBigInt64(length, value, true);
    else {
      if (!(value >= 0 && value <= 2 ** 53)) throw new RangeError(`${value} is no UInt64`);
      numbers.setUint32(length, value % 4_294_967_296, true);
      numbers.setUint32(length + 4, Math.floor(value / 4_294_967_296), true);
    }
    this.length += 8;
  }

  varint(value: number): void {
    this.room(10);
    let rest = value;
    while (rest >= 128) {
      this.buffer[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.length++] = rest;
  }

  /** A string as ClickHouse writes it: its length in bytes, then UTF-8. */
  text(text: string): void {
    const { length } = text;
    // Short ASCII, which nearly everything is, is written without leaving JavaScript.
    if (length < 48 && this.shortAscii(text)) return;
    const start = this.length;
    this.room(length * 3 + 10);
    // The length is known only afterwards, and how many bytes it takes itself, only nearly always.
    const guess = varintBytes(length);
    const bytes = this.buffer.write(text, start + guess, 'utf8');
    const taken = varintBytes(bytes);
    if (taken !== guess) this.buffer.copyWithin(start + taken, start + guess, start + guess + bytes);
    this.varint(bytes);
    this.length = start + taken + bytes;
  }

  /** The same for bytes that may be anything: false, and nothing is written, unless they are ASCII. */
  ascii(bytes: Buffer, from: number, to: number): boolean {
    const count = to - from;
    this.room(count + 10);
    const before = this.length;
    this.varint(count);
    const { buffer, length } = this;
    let all = 0;
    for (let at = 0; at < count; at++) {
      const byte = bytes[from + at]!;
      buffer[length + at] = byte;
      all |= byte;
    }
    this.length = all < 128 ? length + count : before;
    return all < 128;
  }

  /** A whole number from 0 to 2^31 - 1 as decimal text. */
  digits(value: number): void {
    let count = 1;
    for (let rest = value; rest > 9; rest = (rest / 10) | 0) count++;
    this.room(count + 1);
    const { buffer } = this;
    buffer[this.length] = count;
    let rest = value;
    for (let at = this.length + count; at > this.length; at--) {
      const next = (rest / 10) | 0;
      buffer[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.length += count + 1;
  }

  bytes(bytes: Buffer, from = 0, to = bytes.length): void {
    const count = to - from;
    this.room(count);
    if (count <= shortCopy) {
      const { buffer, length } = this;
      for (let at = 0; at < count; at++) buffer[length + at] = bytes[from + at]!;
    } else bytes.copy(this.buffer, this.length, from, to);
    this.length += count;
  }

  private shortAscii(text: string): boolean {
    const { length } = text;
    this.room(length + 1);
    const { buffer } = this;
    const start = this.length + 1;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) return false;
      buffer[start + at] = code;
    }
    buffer[this.length] = length;
    this.length = start + length;
    return true;
  }

  private room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
    this.numbers = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer) => new DataView(buffer, byteOffset, byteLength);

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
