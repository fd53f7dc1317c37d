import { Buffer } from 'node:buffer';

/**
 * A text as a person would read it, with JSON escapes (at any depth) and percent-encoding undone, so that patterns see the
 * values; `rawAt` leads from a place in it to the same place in the original, which only differs by being longer.
 */
export interface Readable {
  text: string;
  rawAt(index: number): number;
}

/** Backslashes with what they escape, or one percent-encoded character (of one to three bytes). */
const encoded =
  /(?:\\u005c|\\)+(?:u[0-9a-f]{4}|["'/bfnrt])?|%[2-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}/gi;

const asIs = (index: number) => index;

export function readable(raw: string): Readable {
  if (!raw.includes('\\') && !raw.includes('%')) return { text: raw, rawAt: asIs };
  const parts: string[] = [];
  /** Where a decoded character stands in the result, and where the original goes on behind it. */
  const places: number[] = [];
  const behind: number[] = [];
  let from = 0;
  let length = 0;
  for (const match of raw.matchAll(encoded)) {
    parts.push(raw.slice(from, match.index), decode(match[0]));
    length += match.index - from;
    places.push(length++);
    from = match.index + match[0].length;
    behind.push(from);
  }
  if (places.length === 0) return { text: raw, rawAt: asIs };
  parts.push(raw.slice(from));
  return { text: parts.join(''), rawAt: index => rawPlace(index, places, behind) };
}

function decode(unit: string): string {
  if (unit[0] === '%') return Buffer.from(unit.replaceAll('%', ''), 'hex').toString('utf8')[0]!;
  const hex = /u([0-9a-f]{4})$/i.exec(unit)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  const last = unit.at(-1)!;
  // Line breaks and tabs only have to be seen as borders.
  return 'bfnrt'.includes(last.toLowerCase()) ? '\n' : last;
}

/** Binary search for the last decoded character before `index`: from there on both go in step. */
function rawPlace(index: number, places: number[], behind: number[]): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]! < index) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? index : behind[low - 1]! + (index - places[low - 1]! - 1);
}
