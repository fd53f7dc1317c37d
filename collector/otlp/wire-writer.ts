import { Buffer } from 'node:buffer';

/**
 * Writes protobuf wire format into one buffer that grows. Nested messages are written in place: one byte is kept free for
 * the length, and what follows is moved in the rare case that it needs more.
 */
export class WireWriter {
  private buffer: Buffer;
  private pos = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafe(Math.max(64, capacity));
  }

  /** What has been written, without copying. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.pos);
  }

  get size(): number {
    return this.pos;
  }

  /** Forgets what was written after the first `size` bytes. */
  cut(size: number): void {
    this.pos = size;
  }

  /** An unsigned number below 2^32. */
  varint(value: number): void {
    this.reserve(5);
    let rest = value;
    while (rest > 127) {
      this.buffer[this.pos++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.buffer[this.pos++] = rest;
  }

  /** The low 64 bits, as a varint. */
  varint64(value: bigint): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fffffffn) {
      this.buffer[this.pos++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.varint(Number(rest));
  }

  /** The low 64 bits, in eight bytes. */
  fixed64(value: bigint): void {
    this.reserve(8);
    this.pos = this.buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.pos);
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.pos = this.buffer.writeUInt32LE(value, this.pos);
  }

  double(value: number): void {
    this.reserve(8);
    this.pos = this.buffer.writeDoubleLE(value, this.pos);
  }

  /** Bytes with their length before them. */
  bytes(bytes: Buffer): void {
    this.varint(bytes.length);
    this.reserve(bytes.length);
    this.pos += bytes.copy(this.buffer, this.pos);
  }

  /** Bytes `from` to `to` as they are. */
  copy(bytes: Buffer, from: number, to: number): void {
    this.reserve(to - from);
    this.pos += bytes.copy(this.buffer, this.pos, from, to);
  }

  /** Begins a message of unknown length; give the result to `close`. */
  open(): number {
    this.reserve(1);
    return ++this.pos;
  }

  close(start: number): void {
    const end = this.pos;
    const length = end - start;
    if (length < 128) {
      this.buffer[start - 1] = length;
      return;
    }
    const lengthBytes = length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : length < 1 << 28 ? 4 : 5;
    this.reserve(lengthBytes);
    this.buffer.copyWithin(start - 1 + lengthBytes, start, end);
    this.pos = start - 1;
    this.varint(length);
    this.pos = end - 1 + lengthBytes;
  }

  private reserve(bytes: number): void {
    if (this.pos + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.pos + bytes));
    this.buffer.copy(grown, 0, 0, this.pos);
    this.buffer = grown;
  }
}
