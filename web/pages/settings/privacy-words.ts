import type { Privacy, RedactionKind } from '#contract/privacy.ts';

interface KindWords {
  label: string;
  /** How a few of them are called in a sentence: `2 phone numbers`. */
  one: string;
  many: string;
  what: string;
  /** Made up, and recognised as what it is. */
  example: string;
}

/** The kinds of values that can be taken out, in the order they are shown. */
export const kindWords: Record<RedactionKind, KindWords> = {
  email: {
    label: 'E-mail addresses',
    one: 'e-mail address',
    many: 'e-mail addresses',
    what: 'Everywhere, also in web addresses and user ids.',
    example: 'ada@example.com',
  },
  phone: {
    label: 'Phone numbers',
    one: 'phone number',
    many: 'phone numbers',
    what: 'International, or written with gaps. Digits in one piece are left alone.',
    example: '+49 30 1234567',
  },
  card: {
    label: 'Payment cards',
    one: 'card number',
    many: 'card numbers',
    what: '13 to 19 digits with a right check digit.',
    example: '4111 1111 1111 1111',
  },
  iban: {
    label: 'Bank accounts',
    one: 'bank account',
    many: 'bank accounts',
    what: 'IBANs of every country that has them, with right check digits.',
    example: 'DE89 3704 0044 0532 0130 00',
  },
  national_id: {
    label: 'National ids',
    one: 'national id',
    many: 'national ids',
    what: 'Tax, insurance and identity numbers of BE, BR, CH, DE, ES, FR, GB, IN, IT, SE and US.',
    example: '078-05-1120',
  },
  provider_key: {
    label: 'Keys of services',
    one: 'key',
    many: 'keys',
    what: 'OpenAI, Anthropic, Google, AWS, GitHub, Slack, Stripe, Hugging Face and others; bearer tokens, private keys.',
    example: 'sk-proj-4fQ2mX8vTz1LrWb9',
  },
  jwt: {
    label: 'Sign-in tokens',
    one: 'sign-in token',
    many: 'sign-in tokens',
    what: 'JSON Web Tokens.',
    example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
  },
};

export const kinds = Object.keys(kindWords) as RedactionKind[];

export const sampleText =
  'Hello, I am Ada (ada@example.com, +49 30 1234567).\nPlease charge 4111 1111 1111 1111 for order 1234567890.';

/** `2 e-mail addresses, 1 customer`; empty when nothing was found. */
export function foundWords(found: Readonly<Record<string, number>>): string {
  return Object.entries(found)
    .map(([kind, count]) => {
      const words = kindWords[kind as RedactionKind] as KindWords | undefined;
      return `${count} ${words ? (count === 1 ? words.one : words.many) : kind}`;
    })
    .join(', ');
}

export interface TextPart {
  text: string;
  /** Stands for a value that was taken out. */
  isPlaceholder: boolean;
}

/** A redacted text in pieces, so that what was taken out can be seen. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(/\[[a-z][a-z0-9_]{0,31} [0-9a-f]{8}\]/g)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isPlaceholder: false });
    parts.push({ text: match[0], isPlaceholder: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isPlaceholder: false });
  return parts;
}

/** Whether two settings mean the same; the order of kinds does not matter, that of patterns does. */
export function samePrivacy(one: Privacy, other: Privacy): boolean {
  const text = ({ capture_content, redact, custom }: Privacy) =>
    JSON.stringify([capture_content, [...redact].sort(), custom.map(({ name, pattern }) => [name, pattern])]);
  return text(one) === text(other);
}

/** What is wrong with the name of a pattern among the others; undefined when nothing is. */
export function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (name === '') return undefined;
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(name)) return 'Lower-case letters, digits and _';
  if (Object.hasOwn(kindWords, name) || name === 'text' || others.includes(name)) return 'This name is taken';
  return undefined;
}
