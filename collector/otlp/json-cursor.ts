import { Buffer, isUtf8 } from 'node:buffer';
import { MalformedBody } from './wire.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openObject = 0x7b;
const closeObject = 0x7d;
const openArray = 0x5b;
const closeArray = 0x5d;
const minus = 0x2d;

/** Bytes of a long text, or of something that is skipped, between two steps. */
export const bytesPerStep = 64 * 1024;

/** No sender has longer ones, and what may have any length would have to be read in steps. */
const maxSpace = 2 ** 20;
const maxKeyBytes = 64 * 1024;
const maxDigits = 4096;

/** Levels of a value that nobody reads. */
const maxSkippedDepth = 2_000_000;

/**
 * Reads JSON from bytes without building it: hostile JSON of 64 MiB would be objects of several GB, and take half a minute.
 * Numbers and strings are handed out as the text they are, so 64-bit integers keep every digit. Throws MalformedBody
 * wherever JSON.parse would throw, and for absurd lengths; it never quotes what was sent, which may be a prompt.
 */
export class JsonCursor {
  readonly buffer: Buffer;
  pos = 0;
  /** Whether the string read last has been read to its end. */
  isScanned = true;
  /** Bounds of the contents of the string read last, or of its last piece, and whether it has escapes. */
  private from = 0;
  private to = 0;
  private escaped = false;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isUtf8(this.buffer)) throw new MalformedBody('the body is not JSON: it is not UTF-8');
    // A byte order mark is not JSON, but some senders write one, and decoders of text drop it.
    if (this.buffer.length >= 3 && this.buffer.readUIntBE(0, 3) === 0xefbbbf) this.pos = 3;
  }

  fail(what: string): never {
    throw new MalformedBody(`the body is not JSON: ${what} at byte ${this.pos}`);
  }

  /** The first byte of what comes next, behind white space; -1 at the end. */
  peek(): number {
    const { buffer } = this;
    const end = Math.min(buffer.length, this.pos + maxSpace);
    for (; this.pos < end; this.pos++) {
      const byte = buffer[this.pos]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    }
    if (end < buffer.length) this.fail('too much white space');
    return -1;
  }

  isObject(): boolean {
    return this.peek() === openObject;
  }

  isArray(): boolean {
    return this.peek() === openArray;
  }

  isString(): boolean {
    return this.peek() === quote;
  }

  isNumber(): boolean {
    const byte = this.peek();
    return byte === minus || isDigit(byte);
  }

  /** Steps over the bracket of an object or array that `isObject` or `isArray` has seen. */
  enter(): void {
    this.pos++;
  }

  /** Moves to the value of the next member of an object, whose key is then `text()`; false at the object's end. */
  nextMember(isFirst: boolean): boolean {
    if (this.isEnd(isFirst, closeObject)) return false;
    this.key();
    return true;
  }

  /** Moves to the next item of an array; false at the array's end. */
  nextItem(isFirst: boolean): boolean {
    return !this.isEnd(isFirst, closeArray);
  }

  end(): void {
    if (this.peek() !== -1) this.fail('something behind the end');
  }

  /** Reads the string that starts here. */
  string(): void {
    this.scan(Number.POSITIVE_INFINITY);
  }

  /**
   * Reads the string that starts here, or its next piece: a few bytes more than `maxBytes`, so that a piece is a text of its
   * own. True when it has been read to its end.
   */
  scan(maxBytes: number): boolean {
    if (this.isScanned) {
      if (this.peek() !== quote) this.fail('no string');
      this.pos++;
    }
    const { buffer } = this;
    this.from = this.pos;
    this.escaped = false;
    const enough = this.from + maxBytes;
    let at = this.from;
    for (; ; at++) {
      const byte = buffer[at];
      if (byte === quote) break;
      if (at >= enough && !this.isWithin(at)) {
        this.to = at;
        this.pos = at;
        this.isScanned = false;
        return false;
      }
      if (byte === backslash) at = this.escape(at);
      else if (byte === undefined || byte < 0x20) {
        this.pos = at;
        this.fail('a string without end');
      }
    }
    this.to = at;
    this.pos = at + 1;
    this.isScanned = true;
    return true;
  }

  /** Whether a character of the string has begun before `at` and goes on there; an escape has not. */
  private isWithin(at: number): boolean {
    if ((this.buffer[at]! & 0xc0) === 0x80) return true;
    // Between the halves of a pair.
    return this.buffer[at] === backslash && isPair.test(this.buffer.toString('latin1', at - 6, at + 6));
  }

  /** The string read last, or its last piece. */
  text(): string {
    if (!this.escaped) return this.buffer.toString('utf8', this.from, this.to);
    return JSON.parse(`"${this.buffer.toString('utf8', this.from, this.to)}"`) as string;
  }

  /** Its UTF-8 bytes; half a surrogate pair, which has none, becomes U+FFFD. */
  utf8(): Buffer {
    return this.escaped ? Buffer.from(this.text()) : this.buffer.subarray(this.from, this.to);
  }

  /** Reads the number that starts here if it is a whole one of few digits, which most are; else null. */
  smallNumber(): number | null {
    const { buffer } = this;
    this.peek();
    let at = this.pos;
    let value = 0;
    // One more than it takes, to see that there are more.
    const end = at + 16;
    for (; at < end && isDigit(buffer[at] ?? -1); at++) value = value * 10 + buffer[at]! - 0x30;
    const digits = at - this.pos;
    const follower = buffer[at]! | 0x20;
    const isWhole = buffer[at] !== 0x2e && follower !== 0x65;
    // JSON knows no leading zeros.
    if (digits === 0 || digits > 15 || !isWhole || (digits > 1 && buffer[this.pos] === 0x30)) return null;
    this.pos = at;
    return value;
  }

  /** The number that starts here, as it is written. */
  number(): string {
    const start = this.pos;
    if (this.buffer[this.pos] === minus) this.pos++;
    if (this.buffer[this.pos] === 0x30) this.pos++;
    else this.digits();
    if (this.buffer[this.pos] === 0x2e) {
      this.pos++;
      this.digits();
    }
    if ((this.buffer[this.pos]! | 0x20) === 0x65) {
      this.pos++;
      const sign = this.buffer[this.pos];
      if (sign === 0x2b || sign === minus) this.pos++;
      this.digits();
    }
    return this.buffer.toString('latin1', start, this.pos);
  }

  /** Reads `true`, `false` or `null`, if that is what starts here. */
  literal(word: 'true' | 'false' | 'null'): boolean {
    if (this.peek() !== word.charCodeAt(0)) return false;
    const end = this.pos + word.length;
    if (this.buffer.toString('latin1', this.pos, end) !== word) this.fail('an unknown word');
    this.pos = end;
    return true;
  }

  /** Steps over the value that comes next when it is short; when this is false, `skipping` does the rest. */
  skipShort(): boolean {
    const byte = this.peek();
    if (byte === openObject || byte === openArray) return false;
    if (byte === quote) return this.scan(bytesPerStep);
    this.skipScalar(byte);
    return true;
  }

  /** Steps over any value, in small steps. */
  *skipping(): Generator<void> {
    const closers: number[] = [];
    let stepAt = this.pos + bytesPerStep;
    do {
      const isText = !this.isScanned || this.isString();
      if (isText) while (!this.scan(bytesPerStep)) yield;
      if (isText || !this.skipOpening(closers)) this.skipClosings(closers);
      if (closers.length > maxSkippedDepth) this.fail('too much nesting');
      if (this.pos < stepAt) continue;
      stepAt = this.pos + bytesPerStep;
      yield;
    } while (closers.length > 0);
  }

  /** At a value: true when it is an object or array with something in it, which is then entered. */
  private skipOpening(closers: number[]): boolean {
    const byte = this.peek();
    if (byte !== openObject && byte !== openArray) {
      this.skipScalar(byte);
      return false;
    }
    this.pos++;
    const closer = byte === openObject ? closeObject : closeArray;
    if (this.peek() === closer) {
      this.pos++;
      return false;
    }
    if (closer === closeObject) this.key();
    closers.push(closer);
    return true;
  }

  /** Behind a value: ends what ends here, and moves to the next value if there is one. */
  private skipClosings(closers: number[]): void {
    while (closers.length > 0) {
      const closer = closers.at(-1)!;
      if (!this.isEnd(false, closer)) {
        if (closer === closeObject) this.key();
        return;
      }
      closers.pop();
    }
  }

  private skipScalar(byte: number): void {
    if (byte === quote) this.string();
    else if (this.isNumber()) this.number();
    else if (!this.literal('true') && !this.literal('false') && !this.literal('null')) this.fail('no value');
  }

  private isEnd(isFirst: boolean, closer: number): boolean {
    const byte = this.peek();
    if (byte === closer) {
      this.pos++;
      return true;
    }
    if (!isFirst) {
      if (byte !== comma) this.fail('no comma');
      this.pos++;
    }
    return false;
  }

  private key(): void {
    if (!this.scan(maxKeyBytes)) this.fail('a key without end');
    if (this.peek() !== colon) this.fail('no colon');
    this.pos++;
  }

  /** Checks the escape at `at`; the index of its last byte. */
  private escape(at: number): number {
    this.escaped = true;
    const kind = this.buffer[at + 1] ?? 0;
    if (kind === 0x75) {
      if (/^[0-9a-fA-F]{4}$/.test(this.buffer.toString('latin1', at + 2, at + 6))) return at + 5;
    } else if ('"\\/bfnrt'.includes(String.fromCharCode(kind))) return at + 1;
    this.pos = at;
    this.fail('an unknown escape');
  }

  private digits(): void {
    const start = this.pos;
    const end = start + maxDigits;
    while (this.pos <= end && isDigit(this.buffer[this.pos] ?? -1)) this.pos++;
    if (this.pos === start) this.fail('no number');
    if (this.pos > end) this.fail('too many digits');
  }
}

const isPair = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]/;

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
