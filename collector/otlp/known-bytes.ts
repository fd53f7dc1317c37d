/** Bytes that are looked for again and again: compared four at a time. */
export class KnownBytes {
  private readonly words: Uint32Array;
  private readonly bytes: Uint8Array;
  /** The last four, which overlap with the word before them. */
  private readonly tail: number;

  /** The bytes must not change any more. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.bytes = bytes;
    this.words = new Uint32Array(bytes.length >> 2);
    for (let at = 0; at < this.words.length; at++) this.words[at] = view.getUint32(4 * at, true);
    this.tail = bytes.length < 4 ? 0 : view.getUint32(bytes.length - 4, true);
  }

  /** Those from `from` to `to`, whatever becomes of `bytes`. */
  static copyOf(bytes: Uint8Array, from: number, to: number): KnownBytes {
    return new KnownBytes(copy(bytes, from, to));
  }

  /** Whether the same bytes are there; `view` is of the memory of `bytes`. */
  isAt(bytes: Uint8Array, view: DataView, from: number, to: number): boolean {
    const { words } = this;
    const { length } = this.bytes;
    if (to - from !== length) return false;
    if (length < 4) return this.isShortAt(bytes, from);
    // Names share their beginnings, so they are told apart faster from behind.
    if (view.getUint32(to - 4, true) !== this.tail) return false;
    for (let word = words.length - 1; word >= 0; word--)
      if (view.getUint32(from + 4 * word, true) !== words[word]) return false;
    return true;
  }

  private isShortAt(bytes: Uint8Array, from: number): boolean {
    for (let at = 0; at < this.bytes.length; at++) if (bytes[from + at] !== this.bytes[at]) return false;
    return true;
  }
}

/** Few bytes; the copy of a Buffer would be a Buffer in the memory it shares with others. */
function copy(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copied = new Uint8Array(to - from);
  for (let at = from; at < to; at++) copied[at - from] = bytes[at]!;
  return copied;
}

/** Bytes that were read before, and as what. */
export class KnownValue extends KnownBytes {
  readonly text: string;

  constructor(bytes: Uint8Array, from: number, to: number, text: string) {
    super(copy(bytes, from, to));
    this.text = text;
  }
}
