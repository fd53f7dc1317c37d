import { RE2JS } from 're2js';
import type { Detector, Found } from './detector.ts';
import { placeholder } from './pseudonym.ts';

/** A pattern that cannot be used; the message says why, for the person who wrote it. */
export class BadPattern extends Error {
  override name = 'BadPattern';
}

/** The longest value a pattern finds. It bounds the work, since looking for every match anew would be quadratic. */
const longest = 1024;

/**
 * A detector from a pattern in RE2 syntax, which never takes more than linear time for one look. What stands for a value that
 * was found before is not looked into. Throws BadPattern.
 */
export function customDetector(name: string, source: string): Detector {
  const pattern = compile(name, source);
  return text => {
    if (!pattern.test(text)) return [];
    const all: Found[] = [];
    let from = 0;
    for (const known of text.matchAll(placeholder)) {
      collect(pattern, text, from, known.index, all);
      from = known.index + known[0].length;
    }
    collect(pattern, text, from, text.length, all);
    return all;
  };
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
  while (from < end) {
    const window = text.slice(from, Math.min(end, from + 2 * longest));
    const isLast = from + window.length >= end;
    const matcher = pattern.matcher(window);
    const found = matcher.find() ? { start: matcher.start(), end: matcher.end() } : null;
    // What begins late in the window might go on behind it: the next window begins before it.
    if (found && found.end > found.start && (isLast || found.start < longest)) {
      const value = window.slice(found.start, found.end);
      all.push({ start: from + found.start, end: from + found.end, value });
      from += found.end;
    } else if (found && found.start < longest) from += found.start + 1;
    else if (isLast && !found) return;
    else from += isLast ? found!.start + 1 : longest;
  }
}
