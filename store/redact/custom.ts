import { RE2JS } from 're2js';
import type { Detector, Found } from './detector.ts';
import { placeholder } from './pseudonym.ts';

/** A pattern that cannot be used; the message says why, for the person who wrote it. */
export class BadPattern extends Error {
  override name = 'BadPattern';
}

/** The longest value a pattern finds. Every look is at twice as much, since looking at the whole rest would be quadratic. */
const longest = 256;

/** Looks at one text. Who needs more has a pattern that looks far for little: the rest of the text is taken out whole. */
const maxLooks = 16_000;

/**
 * A pattern in RE2 syntax, which never takes more than linear time for one look: whether it is in a text, and where. What
 * stands for a value that was found before is not looked into. Throws BadPattern.
 */
export function customPattern(
  name: string,
  source: string,
): { isIn: (text: string) => boolean; detect: Detector } {
  const pattern = compile(name, source);
  const isIn = (text: string) => pattern.test(text);
  const detect: Detector = text => {
    if (!isIn(text)) return [];
    const all: Found[] = [];
    let from = 0;
    for (const known of text.matchAll(placeholder)) {
      collect(pattern, text, from, known.index, all);
      from = known.index + known[0].length;
    }
    collect(pattern, text, from, text.length, all);
    return all;
  };
  return { isIn, detect };
}

function compile(name: string, source: string): RE2JS {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BadPattern(`${name}: the pattern cannot be read: ${reason}`, { cause });
  }
  if (pattern.test('')) {
    throw new BadPattern(
      `${name}: the pattern matches nothing at all (an empty text); say what must be there`,
    );
  }
  return pattern;
}

function collect(pattern: RE2JS, text: string, start: number, end: number, all: Found[]): void {
  let from = start;
  for (let looks = 0; from < end; looks++) {
    if (looks === maxLooks) {
      all.push({ start: from, end, value: text.slice(from, end) });
      return;
    }
    const window = text.slice(from, Math.min(end, from + 2 * longest));
    const isLast = from + window.length >= end;
    const matcher = pattern.matcher(window);
    if (!matcher.find()) {
      if (isLast) return;
      from += longest;
    } else if (!isLast && matcher.start() >= longest) {
      // It might go on behind the window: the next one begins before it.
      from += longest;
    } else if (matcher.end() === matcher.start()) {
      from += matcher.start() + 1;
    } else {
      const [found, foundEnd] = [from + matcher.start(), from + matcher.end()];
      all.push({ start: found, end: foundEnd, value: text.slice(found, foundEnd) });
      from = foundEnd;
    }
  }
}
