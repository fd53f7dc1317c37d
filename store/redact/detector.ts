/** A value that was found: where it stands in the text, and what makes two spellings of it the same value. */
export interface Found {
  start: number;
  end: number;
  /** E.g. the digits of a card number without its spaces. */
  value: string;
}

/** Everything of one kind in a text, from left to right, without overlaps. Takes time linear in the length of the text. */
export type Detector = (text: string) => Found[];

/**
 * Judges a match of a pattern; offsets are in the text that was matched. When it only looks like a value: null, and the
 * search goes on one place further, or the place from which to go on.
 */
export type Judge = (match: RegExpExecArray) => Found | number | null;

/**
 * A detector from a pattern without nested or unbounded repetition and a judge. What was found counts as a border for what
 * follows, so that values without a gap between them are all found.
 */
export function byPattern(pattern: RegExp, judge: Judge): Detector {
  const global = new RegExp(pattern.source, `${pattern.flags}g`);
  return text => {
    const all: Found[] = [];
    let base = 0;
    let rest = text;
    global.lastIndex = 0;
    for (let match = global.exec(rest); match !== null; match = global.exec(rest)) {
      const found = judge(match);
      if (found === null || typeof found === 'number') {
        global.lastIndex = found ?? match.index + 1;
        continue;
      }
      all.push({ start: base + found.start, end: base + found.end, value: found.value });
      base += found.end;
      rest = rest.slice(found.end);
      global.lastIndex = 0;
    }
    return all;
  };
}

/** The whole match as it stands. */
export const wholeMatch = (match: RegExpExecArray): Found => ({
  start: match.index,
  end: match.index + match[0].length,
  value: match[0],
});

/** Several detectors of one kind: what an earlier one found, a later one does not look at. */
export function inOrder(...detectors: Detector[]): Detector {
  return text => {
    let all = detectors[0]!(text);
    for (const detect of detectors.slice(1)) {
      all = all.length === 0 ? detect(text) : withGaps(text, all, detect);
    }
    return all;
  };
}

function withGaps(text: string, found: readonly Found[], detect: Detector): Found[] {
  const all: Found[] = [];
  let from = 0;
  const lookBetween = (to: number) => {
    for (const { start, end, value } of detect(text.slice(from, to))) {
      all.push({ start: from + start, end: from + end, value });
    }
  };
  for (const known of found) {
    lookBetween(known.start);
    all.push(known);
    from = known.end;
  }
  lookBetween(text.length);
  return all;
}

/** Spaces, dots and dashes that people put into numbers, as the inside of a character class. */
export const gap = ' \\u00a0\\u2007\\u2009\\u202f.\\-\\u2010-\\u2013';

/** ISO 7064 mod 97 of digits and letters (A = 10), as IBAN and others use it. */
export function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isSecond = false; at >= 0; at--, isSecond = !isSecond) {
    const digit = digits.charCodeAt(at) - 48;
    const doubled = isSecond ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
