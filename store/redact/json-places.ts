/**
 * Tells which values of a text are bare numbers of JSON: what replaces them needs quotes, or the text could not be read any
 * more. Must be asked from left to right.
 */
export class JsonPlaces {
  private readonly text: string;
  private readonly isJson: boolean;
  private at = 0;
  private inString = false;

  constructor(text: string) {
    this.text = text;
    this.isJson = /^\s{0,16}[[{]/.test(text);
  }

  /** The quote to put on both sides of what replaces [start, end): empty, `"`, or `\"` for JSON inside a JSON string. */
  quoteFor(start: number, end: number): string {
    if (!this.isJson || !/^-?\d+$/.test(this.text.slice(start, Math.min(end, start + 40)))) return '';
    if (!/^\s{0,16}[,}\]]/.test(this.text.slice(end, end + 20))) return '';
    const before = this.text.slice(Math.max(0, start - 40), start);
    if (!this.isInString(start)) return /[:,[]\s{0,16}$/.test(before) ? '"' : '';
    return /(\\{1,15}")\s{0,8}:\s{0,8}$/.exec(before)?.[1] ?? '';
  }

  private isInString(place: number): boolean {
    for (; this.at < place; this.at++) {
      const character = this.text[this.at];
      if (character === '"') this.inString = !this.inString;
      else if (character === '\\' && this.inString) this.at++;
    }
    return this.inString;
  }
}
