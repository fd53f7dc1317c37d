import { byPattern, type Found, gap, passesLuhn } from './detector.ts';

const fewest = 13;
const most = 19;

/** Numbers that issuers really give out, by length; in a bare run of digits Luhn alone would hit one id in ten. */
const issued =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|220[0-4]\d{12,15}|3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11,16}|(?:6011|64[4-9]\d|65\d{2})\d{12,15}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17}|(?:50|5[6-9]|6[0-9])\d{11,17}|8[12]\d{14,17}|9792\d{12})$/;

/** How the digits of a card are grouped: fours, or 4-6-5 and the like. */
const grouping = /^(?:4(?:,4)+(?:,[1-7])?|4,6,[45]|6,\d{1,2}|8,8)$/;

const g = `[${gap}]{1,2}`;
const shapes = [
  `\\d{4}(?:${g}\\d{4}){2,3}(?:${g}\\d{1,7})?`,
  `\\d{4}${g}\\d{6}${g}\\d{4,5}`,
  // Not with a dot, which would make them fractions.
  `\\d{6}[ -]\\d{7,13}`,
  `\\d{8}[ -]\\d{8}`,
  `\\d{${fewest},${most}}`,
];
const candidate = new RegExp(`(?<![A-Za-z0-9_]|\\d\\.|[:,[]\\s?-)(?:${shapes.join('|')})`);
const separator = new RegExp(`[${gap}]`);

/** Payment card numbers: 13 to 19 digits that pass Luhn, in groups, or bare when an issuer gives out such numbers. */
export const findCards = byPattern(candidate, match => {
  const input = match.input;
  const ends = digitPlaces(match);
  for (let count = Math.min(ends.length, most); count >= fewest; count--) {
    const end = ends[count - 1]! + 1;
    if (/[A-Za-z0-9_]/.test(input[end] ?? '') || /^\.\d/.test(input.slice(end, end + 2))) continue;
    const found = judge(input.slice(match.index, end));
    if (found !== null) return { start: match.index, end, value: found };
  }
  return null;
});

/** Offsets of the digits of a match in its input. */
function digitPlaces(match: RegExpExecArray): number[] {
  const places: number[] = [];
  for (let at = 0; at < match[0].length; at++) {
    const code = match[0].charCodeAt(at);
    if (code >= 48 && code <= 57) places.push(match.index + at);
  }
  return places;
}

function judge(text: string): string | null {
  const groups = text.split(separator).filter(group => group !== '');
  const digits = groups.join('');
  if (groups.length === 1) return isIssuedCard(digits) ? digits : null;
  const sizes = groups.map(group => group.length).join(',');
  return digits[0] !== '0' && grouping.test(sizes) && passesLuhn(digits) ? digits : null;
}

/** Whether a bare run of digits is a number of a card issuer. */
export function isIssuedCard(digits: string): boolean {
  return issued.test(digits) && passesLuhn(digits);
}

/** 14 digits are Diners Club's; other cards of 14 and those of 13 are gone from the market. */
const alone = /^(?:3(?:0[0-59]|[689]\d)\d{11}|\d{15,19})$/;

/**
 * A whole value that is a number: of so many digits that counts and times in milliseconds are left alone. Of 13 digits are
 * also article numbers (EAN) and ids of orders, of which Luhn would take one in ten.
 */
export function findCardNumber(text: string): Found[] {
  return alone.test(text) && isIssuedCard(text) ? [{ start: 0, end: text.length, value: text }] : [];
}
