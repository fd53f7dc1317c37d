import { Buffer } from 'node:buffer';

const bits = 22;

/**
 * Looks for many texts at once in bytes that come in pieces. A bit for the last four bytes of every needle rules out nearly
 * every place at once, so that gigabytes take seconds however many needles there are.
 */
export class Needles {
  private readonly known = new Uint8Array(2 ** bits);
  private readonly byEnd = new Map<number, { bytes: Buffer; text: string }[]>();
  private longest = 4;

  constructor(texts: Iterable<string>) {
    for (const text of texts) {
      const bytes = Buffer.from(text);
      if (bytes.length < 8) throw new Error(`too short to be looked for: ${text}`);
      const end = bytes.readUInt32LE(bytes.length - 4);
      const list = this.byEnd.get(end) ?? [];
      list.push({ bytes, text });
      this.byEnd.set(end, list);
      this.known[slot(end)] = 1;
      this.longest = Math.max(this.longest, bytes.length);
    }
  }

  /** Texts that are in the pieces, which follow one another. */
  async search(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Set<string>> {
    const found = new Set<string>();
    let rest = Buffer.alloc(0);
    for await (const piece of pieces) {
      const bytes = Buffer.concat([rest, piece]);
      this.searchBytes(bytes, found);
      rest = bytes.subarray(Math.max(0, bytes.length - this.longest + 1));
    }
    return found;
  }

  private searchBytes(bytes: Buffer, found: Set<string>): void {
    if (bytes.length < 4) return;
    let window = bytes.readUInt32LE(0) << 8;
    for (let at = 3; at < bytes.length; at++) {
      window = (window >>> 8) | (bytes[at]! << 24);
      if (this.known[slot(window)] === 0) continue;
      for (const { bytes: needle, text } of this.byEnd.get(window >>> 0) ?? []) {
        const from = at + 1 - needle.length;
        if (from >= 0 && bytes.compare(needle, 0, needle.length, from, at + 1) === 0) found.add(text);
      }
    }
  }
}

const slot = (end: number) => Math.imul(end, 0x9e3779b1) >>> (32 - bits);
