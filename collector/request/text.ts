/** Texts longer than this are cut: 64 KiB of UTF-8. */
export const MAX_TEXT_BYTES = 64 * 1024;

/** Whole characters can be this long (families, flags); enough of the end is looked at to keep the last one whole. */
const LONGEST_CHARACTER = 64;

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The text cut to at most so many UTF-8 bytes, never inside a character as a reader sees it. */
export function cutBytes(text: string, maxBytes: number = MAX_TEXT_BYTES): string {
  // A UTF-16 unit is at most 3 bytes, so most texts need no counting.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const room = new Uint8Array(maxBytes);
  return wholeCharacters(text, new TextEncoder().encodeInto(text, room).read);
}

/** The text cut to at most so many UTF-16 units, never inside a character as a reader sees it. */
export function cutCharacters(text: string, maxUnits: number): string {
  return text.length <= maxUnits ? text : wholeCharacters(text, maxUnits);
}

function wholeCharacters(text: string, end: number): string {
  const from = Math.max(0, end - LONGEST_CHARACTER);
  const tail = text.slice(from, end + LONGEST_CHARACTER);
  const straddling = characters.segment(tail).containing(end - from);
  const start = straddling === undefined ? end : from + straddling.index;
  // A run of marks longer than any real character would otherwise swallow everything.
  return text.slice(0, start > from || from === 0 ? start : wholeCodePoint(text, end));
}

function wholeCodePoint(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end;
}
