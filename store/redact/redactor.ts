import type { Privacy, RedactionKind } from '#contract/privacy.ts';
import { findCardNumber, findCards } from './card.ts';
import { customPattern } from './custom.ts';
import type { Detector, Found } from './detector.ts';
import { findEmails } from './email.ts';
import { findIbans } from './iban.ts';
import { JsonPlaces } from './json-places.ts';
import { findJwts } from './jwt.ts';
import { mayHold, mayHoldBytes } from './may-hold.ts';
import { findNationalIds, findNationalNumber } from './national-id.ts';
import { inNumberZones } from './number-zones.ts';
import { findPhones } from './phone.ts';
import { findProviderKeys } from './provider-key.ts';
import { createPseudonyms } from './pseudonym.ts';
import { readable } from './readable.ts';

export interface Redactor {
  /** Nothing is looked for. */
  readonly isOff: boolean;
  /** The text with every value replaced; the same text when nothing was found. Doing it twice changes nothing more. */
  text(value: string): string;
  /**
   * The same for a value of its own that is no free text (an attribute, a session id): of one that is all digits only card
   * numbers of 14 to 19 digits and French insurance numbers, so that counts, ids and times stay.
   */
  value(value: string): string;
  /** Whether UTF-8 text, or a message with text in it, may hold a value. False means it surely does not. */
  mayHoldBytes(bytes: Uint8Array, from: number, to: number): boolean;
  /** How often each kind was replaced since the redactor was made. */
  readonly found: Record<string, number>;
}

/** In the order they are looked for: what is found by one is not seen by the next. */
const detectors: Record<RedactionKind, Detector> = {
  provider_key: findProviderKeys,
  jwt: findJwts,
  email: findEmails,
  iban: inNumberZones(findIbans),
  card: inNumberZones(findCards),
  national_id: inNumberZones(findNationalIds),
  phone: inNumberZones(findPhones),
};

/** Replacing can uncover a value that its neighbour hid. Texts made to do so endlessly are replaced whole. */
const maxRounds = 6;

/** Texts that were looked through in vain. */
const maxRemembered = 4_096;

const isNumber = /^-?\d{1,40}(?:\.\d{0,40})?$/;

interface Named {
  kind: string;
  detect: Detector;
}

/** Throws BadPattern for a pattern of the user's own that cannot be used. `key` makes the names of values; see createPseudonyms. */
export function createRedactor(privacy: Pick<Privacy, 'redact' | 'custom'>, key: Uint8Array): Redactor {
  const found: Record<string, number> = Object.create(null);
  const nameOf = createPseudonyms(key);
  const custom = privacy.custom.map(({ name, pattern }) => ({
    kind: name,
    ...customPattern(name, pattern),
  }));
  const matchesCustom = (value: string) => {
    if (custom.length === 0) return false;
    const { text: read } = readable(value);
    return custom.some(({ isIn }) => isIn(read));
  };
  const builtIn = (Object.keys(detectors) as RedactionKind[])
    .filter(kind => privacy.redact.includes(kind))
    .map(kind => ({ kind, detect: detectors[kind] }));
  const all = [...custom, ...builtIn];
  const numeric = [
    ...custom,
    ...(privacy.redact.includes('card') ? [{ kind: 'card', detect: findCardNumber }] : []),
    ...(privacy.redact.includes('national_id') ? [{ kind: 'national_id', detect: findNationalNumber }] : []),
  ];

  const run = (value: string, detecting: readonly Named[]): string => {
    let text = value;
    let read = readable(text);
    for (let round = 0; round < maxRounds; round++) {
      const before = text;
      for (const { kind, detect } of detecting) {
        const values = detect(read.text);
        if (values.length === 0) continue;
        found[kind] = (found[kind] ?? 0) + values.length;
        text = replaced(text, values, read.rawAt, one => nameOf(kind, one));
        read = readable(text);
      }
      if (text === before) return text;
    }
    return nameOf('text', value);
  };
  const isOff = all.length === 0;
  const harmless = createMemory();
  const text = (value: string) => {
    if (isOff || value === '' || harmless.has(value)) return value;
    if (!(mayHold(value) || matchesCustom(value))) return value;
    const redacted = run(value, all);
    if (redacted === value) harmless.add(value);
    return redacted;
  };
  return {
    isOff,
    found,
    text,
    value: value => (isNumber.test(value) ? (isOff ? value : run(value, numeric)) : text(value)),
    mayHoldBytes: (bytes, from, to) =>
      !isOff && (custom.length > 0 ? to > from : mayHoldBytes(bytes, from, to)),
  };
}

/** Model names with a date and the like look like numbers of people at first sight, and come with every span. */
function createMemory() {
  const maxChars = 80;
  const kept = new Set<string>();
  return {
    has: (text: string) => text.length <= maxChars && kept.has(text),
    add(text: string): void {
      if (text.length > maxChars) return;
      // Ids never come again: they are not to push out what does, so the next ones begin with an empty memory.
      if (kept.size >= maxRemembered) kept.clear();
      kept.add(text);
    },
  };
}

/** For those who are not told to look for anything. */
export const redactNothing = createRedactor({ redact: [], custom: [] }, new Uint8Array());

function replaced(
  text: string,
  values: readonly Found[],
  rawAt: (index: number) => number,
  nameOf: (value: string) => string,
): string {
  const parts: string[] = [];
  const places = new JsonPlaces(text);
  let from = 0;
  for (const { start, end, value } of values) {
    const [rawStart, rawEnd] = [rawAt(start), rawAt(end)];
    const quote = places.quoteFor(rawStart, rawEnd);
    parts.push(text.slice(from, rawStart), quote, nameOf(value), quote);
    from = rawEnd;
  }
  parts.push(text.slice(from));
  return parts.join('');
}
