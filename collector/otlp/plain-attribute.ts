/** Where the parts of a KeyValue lie that is written as every exporter writes it: a name, then one value that is no list. */
export class PlainAttribute {
  keyFrom = 0;
  keyTo = 0;
  /** The tag of the value's one field: `plainTag`. */
  tag = 0;
  /** The bytes of a string, or those behind the tag of any other value. */
  from = 0;
  to = 0;

  /**
   * Looks at the KeyValue that takes up these bytes; false when it is written in any other way, which whoever asks has to
   * read field by field. Nothing outside of `start` to `end` is looked at.
   */
  find(bytes: Buffer, start: number, end: number): boolean {
    // The shortest: name of one byte, value of one byte.
    if (end - start < 7 || bytes[start] !== 10) return false;
    const keyLength = bytes[start + 1]!;
    const keyTo = start + 2 + keyLength;
    if (keyLength === 0 || keyLength > 127 || keyTo + 4 > end || bytes[keyTo] !== 18) return false;
    this.keyFrom = start + 2;
    this.keyTo = keyTo;
    const at = behindLength(bytes, keyTo + 1, end);
    return at >= 0 && at + 1 < end && this.findValue(bytes, at, end);
  }

  private findValue(bytes: Buffer, start: number, end: number): boolean {
    const tag = bytes[start]!;
    this.tag = tag;
    this.to = end;
    this.from = start + 1;
    if (tag === plainTag.string) {
      this.from = behindLength(bytes, start + 1, end);
      return this.from >= 0;
    }
    if (tag === plainTag.double) return end - this.from === 8;
    if (tag === plainTag.boolean) return end - this.from === 1 && bytes[this.from]! < 128;
    // One varint and nothing behind it; up to seven bytes are surely no more than JavaScript's integers hold.
    if (tag !== plainTag.integer || end - this.from > 7 || bytes[end - 1]! > 127) return false;
    for (let at = this.from; at < end - 1; at++) if (bytes[at]! < 128) return false;
    return true;
  }
}

/** The tags of an AnyValue that is plain. */
export const plainTag = { string: 10, boolean: 16, integer: 24, double: 33 } as const;

/** Where the content begins whose length stands at `at`, when it ends at `end`; -1 when it does not, or is very long. */
function behindLength(bytes: Buffer, at: number, end: number): number {
  const low = bytes[at]!;
  if (low < 128) return at + 1 + low === end ? at + 1 : -1;
  const high = at + 1 < end ? bytes[at + 1]! : 128;
  return high < 128 && at + 2 + ((low & 127) | (high << 7)) === end ? at + 2 : -1;
}
