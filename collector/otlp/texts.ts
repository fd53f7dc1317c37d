/** Values of attributes repeat (model names, operations, hosts): short ones are made once and then recognised. */
const maxLength = 28;
const slotMask = 8_191;
const kept: string[] = new Array(slotMask + 1).fill('');

/** The text of these UTF-8 bytes. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length === 0) return '';
  if (length > maxLength) return bytes.toString('utf8', from, to);
  let hash = length;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  const slot = (hash ^ (hash >>> 13)) & slotMask;
  const candidate = kept[slot]!;
  if (candidate.length === length && isSame(candidate, bytes, from)) return candidate;
  const text = bytes.toString('utf8', from, to);
  // Only ASCII has as many characters as bytes, which is what the comparison rests on.
  if (text.length === length) kept[slot] = text;
  return text;
}

function isSame(text: string, bytes: Buffer, from: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}
