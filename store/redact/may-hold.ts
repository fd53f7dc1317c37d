import { Buffer } from 'node:buffer';
import { ibanCountries } from './iban.ts';

/**
 * The cheap question before the dear one: may these bytes hold anything the detectors look for? One pass, a table and a
 * few looks around at rare characters. It errs to yes: it knows no checksums and no borders, so that the length bytes of a
 * protobuf message, JSON escapes and cuts make no difference. A detector that finds more than is asked for here would
 * never be asked; the property test beside this file holds them together.
 */
const OTHER = 0;
const LETTER = 1;
/** Stands inside numbers. */
const GAP = 2;
/** Letters that some key begins or ends with. */
const MARK = 3;
const DIGIT = 4;
/** Rare characters that need a look around. */
const SIGN = 5;

const classOf = new Uint8Array(256);
for (let byte = 0x80; byte < 256; byte++) classOf[byte] = GAP;
for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
  classOf[letter.charCodeAt(0)] = LETTER;
  classOf[letter.toUpperCase().charCodeAt(0)] = LETTER;
}
for (const mark of 'JAIGbBkK') classOf[mark.charCodeAt(0)] = MARK;
for (const gap of ' ()/.') classOf[gap.charCodeAt(0)] = GAP;
for (const digit of '0123456789') classOf[digit.charCodeAt(0)] = DIGIT;
// 0x18 is the tag of an integer attribute, which could be a card number.
for (const sign of '@%+_-\\\x18') classOf[sign.charCodeAt(0)] = SIGN;

/** 1 for what has to be looked at also outside of numbers. */
const noted = classOf.map(kind => (kind >= MARK ? 1 : 0));

const countryPairs = new Uint8Array(65_536);
for (const country of ibanCountries) {
  for (const first of [country[0]!, country[0]!.toLowerCase()]) {
    for (const second of [country[1]!, country[1]!.toLowerCase()]) {
      countryPairs[(first.charCodeAt(0) << 8) | second.charCodeAt(0)] = 1;
    }
  }
}

/** See the head of this file. `bytes` is UTF-8 text or an OTLP message. */
export function mayHoldBytes(bytes: Uint8Array, from: number, to: number): boolean {
  /** Digits of the number that is being read, where the first of them is, and how many there are since the last gap. */
  let digits = 0;
  let first = 0;
  let inPiece = 0;
  let isPlus = false;
  for (let at = from; at < to; at++) {
    // Most bytes are letters and spaces outside of numbers: they are passed over here.
    if (digits === 0 && !isPlus) {
      while (at < to && noted[bytes[at]!] === 0) at++;
      if (at >= to) return false;
    }
    const byte = bytes[at]!;
    const kind = classOf[byte]!;
    if (kind === DIGIT) {
      if (digits++ === 0) first = at;
      inPiece++;
      if (digits >= 8) {
        if (isPlus || (digits >= 9 && inPiece < digits) || (inPiece >= 11 && !isInWord(bytes, first)))
          return true;
        if (digits === 8 && isDate(bytes, first, at)) digits = inPiece = 0;
      } else if (digits === 2 && (mayBeIban(bytes, at, to) || isGoogleToken(bytes, at, to))) return true;
    } else if (kind === GAP) {
      // What began inside of a word is no number, but one may follow.
      if (inPiece === digits && isInWord(bytes, first)) digits = 0;
      inPiece = 0;
    } else if (kind === SIGN) {
      const isGap = byte === 0x2d || byte === 0x5c;
      if (!isGap || (inPiece === digits && isInWord(bytes, first))) digits = 0;
      inPiece = 0;
      if (byte === 0x2b) isPlus = true;
      if (isSign(bytes, at, byte, to)) return true;
    } else {
      if (digits >= 3 && kind !== OTHER && endsId(bytes, at, digits, first)) return true;
      digits = inPiece = 0;
      isPlus = false;
      if (kind === MARK && isKeyMark(bytes, at, byte, to)) return true;
    }
  }
  return false;
}

/** Whether a number begins behind four letters or digits, where one or two could be the tag and length of a message. */
function isInWord(bytes: Uint8Array, first: number): boolean {
  for (let at = first - 1; at >= first - 4; at--) {
    const byte = bytes[at] ?? 0;
    if (!isWordByte(byte) || byte >= 0x80) return false;
  }
  // The tag of an event name is a letter; and \u00e9 is a letter that words may end with.
  return bytes[first - 2] !== 0x62 && bytes[first - 6] !== 0x5c;
}

/** 2026-11-21, the one number with gaps that is everywhere. */
function isDate(bytes: Uint8Array, first: number, last: number): boolean {
  return (
    last === first + 9 &&
    bytes[first + 4] === 0x2d &&
    bytes[first + 7] === 0x2d &&
    (bytes[first] === 0x31 || bytes[first] === 0x32) &&
    !isDigit(bytes[last + 1])
  );
}

let scratch = Buffer.allocUnsafe(8 * 1024);

/** The same for a text. */
export function mayHold(text: string): boolean {
  if (text.length * 3 > scratch.length) {
    if (text.length > 64 * 1024) {
      const bytes = Buffer.from(text);
      return mayHoldBytes(bytes, 0, bytes.length);
    }
    scratch = Buffer.allocUnsafe(text.length * 3);
  }
  return mayHoldBytes(scratch, 0, scratch.write(text, 0, 'utf8'));
}

const isDigit = (byte: number | undefined) => byte !== undefined && classOf[byte] === DIGIT;
const isLetter = (byte: number | undefined) =>
  byte !== undefined && (classOf[byte] === LETTER || classOf[byte] === MARK);
const isCapital = (byte: number | undefined) => byte !== undefined && byte >= 0x41 && byte <= 0x5a;
const isWordByte = (byte: number | undefined) =>
  byte !== undefined && (byte >= 0x80 || isDigit(byte) || isLetter(byte));

/** A letter behind digits: the end of a Spanish, British or Italian number, or the department of a French one. */
function endsId(bytes: Uint8Array, at: number, digits: number, first: number): boolean {
  if (digits === 3) return isFiscalCode(bytes, at);
  if (digits < 6 || isInWord(bytes, first)) return false;
  const letter = bytes[at]! & 0xdf;
  if (digits === 6) {
    if (letter > 0x44) return false;
    // Two capitals in front (GB), or a 2 (FR, 2A and 2B).
    const isBritish =
      isCapital(bytes[first - 1]) || (bytes[first - 1] === 0x20 && isCapital(bytes[first - 2]));
    return isBritish || bytes[at - 1] === 0x32;
  }
  let from = bytes[at - 1] === 0x2d ? at - 2 : at - 1;
  const last = from;
  while (from >= first && isDigit(bytes[from])) from--;
  if (last - from === 8) return true;
  const before = bytes[from] === 0x2d ? bytes[from - 1] : bytes[from];
  return last - from === 7 && before !== undefined && (before & 0xdf) >= 0x58 && (before & 0xdf) <= 0x5a;
}

/** Six letters, 85T10A562 and the letter at `at`. */
function isFiscalCode(bytes: Uint8Array, at: number): boolean {
  if (!isLetter(bytes[at - 4]) || !isDigit(bytes[at - 5]) || !isDigit(bytes[at - 6])) return false;
  if (!isLetter(bytes[at - 7]) || !isDigit(bytes[at - 8]) || !isDigit(bytes[at - 9])) return false;
  for (let letter = at - 15; letter <= at - 10; letter++) if (!isLetter(bytes[letter])) return false;
  return true;
}

/** ya29. */
function isGoogleToken(bytes: Uint8Array, at: number, to: number): boolean {
  return bytes[at + 1] === 0x2e && isWord(bytes, at - 3, tokenStart) && isKeyBody(bytes, at + 2, to);
}

/** Two digits behind a country: an IBAN when eleven more letters and digits follow. */
function mayBeIban(bytes: Uint8Array, at: number, to: number): boolean {
  if (!isDigit(bytes[at - 1]) || countryPairs[(bytes[at - 3]! << 8) | bytes[at - 2]!] !== 1) return false;
  if (isInWord(bytes, at - 3)) return false;
  let seen = 0;
  let gaps = 0;
  for (let next = at + 1; next < to && seen < 11; next++) {
    const byte = bytes[next]!;
    if (byte < 0x80 && isWordByte(byte)) {
      seen++;
      gaps = 0;
    } else if ((byte !== 0x20 && byte !== 0x2d && byte < 0x80) || ++gaps > 3) return false;
  }
  return seen === 11;
}

/** eyJ, eyA, AIza, AKIA, ASIA, SG., bearer, access key, secret key. */
function isKeyMark(bytes: Uint8Array, at: number, byte: number, to: number): boolean {
  if (byte === 0x4a || byte === 0x41) return bytes[at - 1] === 0x79 && bytes[at - 2] === 0x65;
  if (byte === 0x49) {
    if (bytes[at - 1] === 0x41) return bytes[at + 1] === 0x7a;
    return (
      (bytes[at - 1] === 0x4b || bytes[at - 1] === 0x53) && bytes[at - 2] === 0x41 && bytes[at + 1] === 0x41
    );
  }
  if (byte === 0x47) return bytes[at - 1] === 0x53 && bytes[at + 1] === 0x2e && isKeyBody(bytes, at + 2, to);
  if ((byte & 0xdf) === 0x42) return isWord(bytes, at + 1, bearerRest);
  if (!isWord(bytes, at + 1, keyRest)) return false;
  const before = isLetter(bytes[at - 1]) ? at - 1 : at - 2;
  return isWord(bytes, before - 1, accessEnd) || isWord(bytes, before - 1, secretEnd);
}

const lower = (text: string) => [...text].map(character => character.charCodeAt(0));
const bearerRest = lower('earer');
const keyRest = lower('ey');
const tokenStart = lower('ya29');
const accessEnd = lower('ss');
const secretEnd = lower('et');

function isWord(bytes: Uint8Array, at: number, letters: readonly number[]): boolean {
  for (let n = 0; n < letters.length; n++) if (((bytes[at + n] ?? 0) | 0x20) !== letters[n]) return false;
  return true;
}

/** \u0040 and others that stand for letters, digits, @, +, dashes, dots and spaces; not < > & and quotes, which are common. */
function isTellingEscape(bytes: Uint8Array, at: number): boolean {
  let code = 0;
  for (let n = 1; n <= 4; n++) {
    const byte = bytes[at + n];
    if (byte === undefined) return false;
    const value = isDigit(byte) ? byte - 0x30 : (byte | 0x20) - 0x57;
    if (value < 0 || value > 15) return false;
    code = (code << 4) | value;
  }
  if (code < 0x20) return false;
  if (code < 0x80)
    return !(code === 0x22 || code === 0x26 || code === 0x27 || (code >= 0x3c && code <= 0x3e));
  return code === 0xa0 || (code >= 0x2000 && code <= 0x202f);
}

function isSign(bytes: Uint8Array, at: number, byte: number, to: number): boolean {
  if (byte === 0x40) return isAddress(bytes, at, to);
  if (byte === 0x5f) return isKeyPrefix(bytes, at, to, underscored);
  if (byte === 0x2d) return isDashed(bytes, at, to);
  if (byte === 0x5c) return bytes[at + 1] === 0x75 && isTellingEscape(bytes, at + 1);
  if (byte === 0x18) return isLongInteger(bytes, at);
  return byte === 0x25 && isTellingPercent(bytes, at);
}

/** %40, %2B, and whatever is encoded beside a digit. */
function isTellingPercent(bytes: Uint8Array, at: number): boolean {
  const [high, low] = [bytes[at + 1], bytes[at + 2]];
  if (high === 0x34) return low === 0x30;
  if (high === 0x32 && low !== undefined && (low | 0x20) === 0x62) return true;
  return isHex(high) && isHex(low) && isDigit(bytes[at - 1]) && isWordByte(bytes[at + 3]);
}

const isHex = (byte: number | undefined) =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** A name before the @, and a dot in what follows. */
function isAddress(bytes: Uint8Array, at: number, to: number): boolean {
  const before = bytes[at - 1];
  if (before === undefined || before <= 0x20) return false;
  for (let next = at + 1; next < to; next++) {
    const byte = bytes[next]!;
    if (byte === 0x2e) return next > at + 1;
    if (!isWordByte(byte) && byte !== 0x2d && byte !== 0x5c) return false;
  }
  return false;
}

type Prefixes = readonly (readonly number[][] | undefined)[];

/** Prefixes of keys by their last letter. */
function byLast(prefixes: string): Prefixes {
  const all = prefixes.split(',').map(lower);
  const endingIn = (letter: number) => all.filter(prefix => prefix.at(-1) === letter);
  return Array.from({ length: 256 }, (_, byte) => {
    const list = endingIn(byte | 0x20);
    return list.length > 0 ? list : undefined;
  });
}

const underscored = byLast('ghp,gho,ghu,ghs,ghr,pat,live,test,whsec,hf,gsk,pcsk,r8,npm');
const dashed = byLast('sk,glpat,xapp,xai,pplx,tvly');

/** One of the prefixes, and ten characters of a key behind it. */
function isKeyPrefix(bytes: Uint8Array, at: number, to: number, prefixes: Prefixes): boolean {
  const list = prefixes[bytes[at - 1] ?? 0];
  if (list === undefined || !isKeyBody(bytes, at + 1, to)) return false;
  for (const prefix of list) if (isWord(bytes, at - prefix.length, prefix)) return true;
  return false;
}

function isKeyBody(bytes: Uint8Array, from: number, to: number): boolean {
  if (from + 10 > to) return false;
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return false;
    if (!isWordByte(byte) && byte !== 0x5f && byte !== 0x2d && byte !== 0x2b && byte !== 0x2f) return false;
  }
  return true;
}

/** sk-, xoxb-, glpat- … and -----BEGIN. */
function isDashed(bytes: Uint8Array, at: number, to: number): boolean {
  if (bytes[at + 1] === 0x2d && bytes[at + 5] === 0x42 && bytes[at + 6] === 0x45) return true;
  if (bytes[at - 4] === 0x78 && bytes[at - 3] === 0x6f && bytes[at - 2] === 0x78)
    return isKeyBody(bytes, at + 1, to);
  return isKeyPrefix(bytes, at, to, dashed);
}

/** A varint of 15 digits or more. */
function isLongInteger(bytes: Uint8Array, at: number): boolean {
  for (let n = 1; n <= 6; n++) if ((bytes[at + n] ?? 0) < 0x80) return false;
  return true;
}
