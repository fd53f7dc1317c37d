import { byPattern, type Found, gap, inOrder, type Judge } from './detector.ts';

const before = '(?<![A-Za-z0-9_+]|[A-Za-z0-9][.,-]|\\d/)';
const after = '(?![A-Za-z0-9_]|[.:,-]\\d)';
const between = `[${gap}/()]`;
const one = `[${gap}]`;

const digitsOf = (text: string) => text.replace(/\D/g, '');

const isPhone: Judge = match => found(match, digitsOf(match[0]));

function found(match: RegExpExecArray, value: string): Found {
  return { start: match.index, end: match.index + match[0].length, value };
}

const pattern = (source: string) => new RegExp(before + source + after);

/** +49 30 123456, +1 (415) 555-2671, 0034 600 123 456: 8 to 15 digits. */
const international = byPattern(
  new RegExp(`(?<![A-Za-z0-9_+])(?:\\+|00(?=[1-9]\\d{0,3}${one}))[1-9](?:${between}{0,3}\\d){7,14}(?!\\d)`),
  match => {
    const digits = digitsOf(match[0]).replace(/^00/, '');
    return digits[0] === '1' && digits.length !== 11 ? null : found(match, `+${digits}`);
  },
);

const date = /^\(?\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)/;

/** 020 7946 0958, 01 23 45 67 89, 030/1234567, (0151) 23456789: a trunk zero, groups, 9 to 12 digits. */
const withTrunkZero = byPattern(
  pattern(`(?:\\(0[1-9]\\d{0,4}\\)|0[1-9]\\d{0,4})${between}{1,3}\\d{2,8}(?:${one}\\d{2,8}){0,4}`),
  match => {
    const digits = digitsOf(match[0]);
    return digits.length < 9 || digits.length > 12 || date.test(match[0]) ? null : found(match, digits);
  },
);

/** (415) 555-2671, 415-555-2671, 1-415-555-2671; three bare groups need an area code that exists. */
const northAmerican = byPattern(
  pattern(`(?:1${one})?(?:\\([1-9]\\d{2}\\) ?|[1-9]\\d{2}[.-]|[2-9]\\d{2}${one})\\d{3}${one}\\d{4}`),
  isPhone,
);

/** (11) 91234-5678: an area in parentheses. */
const withArea = byPattern(pattern(`\\(\\d{2,3}\\) ?\\d{3,5}${one}\\d{4}`), isPhone);

/** Numbers without a trunk zero: 612 345 678 and 91 234 56 78 shapes, 345 1234567, 98765 43210, 138 0013 8000. */
const withoutTrunkZero = byPattern(
  pattern(
    '(?:[6-9]\\d{2}[ -]\\d{3}[ -]\\d{3}|[6-9]\\d{2}[ -]\\d{2}[ -]\\d{2}[ -]\\d{2}|3\\d{2}[ -]\\d{7}|[6-9]\\d{4}[ -]\\d{5}|1[3-9]\\d[ -]\\d{4}[ -]\\d{4})',
  ),
  isPhone,
);

/** Phone numbers: international, or national with separators. A bare run of digits is not one. */
export const findPhones = inOrder(international, withTrunkZero, northAmerican, withArea, withoutTrunkZero);
