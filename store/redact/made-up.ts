import type { RedactionKind } from '#contract/privacy.ts';

export interface MadeUp {
  kind: RedactionKind;
  /** As a person would write it. */
  value: string;
}

/** A whole number in [0, below). */
export type Draw = (below: number) => number;

/**
 * Values of every kind that belong to nobody, with right check digits, in the spellings people use: what the leak probe
 * plants. The check digits are worked out here a second time, by their definitions, and not by asking the detectors.
 */
export function madeUpValue(kind: RedactionKind, draw: Draw): string {
  const makers = makersOf[kind];
  return makers[draw(makers.length)]!(draw);
}

/** `count` different ones, the kinds in turn. */
export function madeUpValues(count: number, draw: Draw): MadeUp[] {
  const kinds = Object.keys(makersOf) as RedactionKind[];
  const seen = new Set<string>();
  const all: MadeUp[] = [];
  for (let tries = 0; all.length < count && tries < count * 20; tries++) {
    const kind = kinds[all.length % kinds.length]!;
    const value = madeUpValue(kind, draw);
    if (seen.has(value)) continue;
    seen.add(value);
    all.push({ kind, value });
  }
  return all;
}

type Maker = (draw: Draw) => string;

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const letters = capitals + capitals.toLowerCase();
const decimals = '0123456789';

const pick = <T>(draw: Draw, items: ArrayLike<T>): T => items[draw(items.length)]!;
const some = (draw: Draw, length: number, of: string) =>
  Array.from({ length }, () => pick(draw, of)).join('');
const digits = (draw: Draw, length: number) => some(draw, length, decimals);
const two = (draw: Draw, from: number, to: number) => String(from + draw(to - from + 1)).padStart(2, '0');
const grouped = (text: string, sizes: readonly number[], gap: string) => {
  const ends = sizes.map((_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0));
  return ends.map((end, at) => text.slice(end - sizes[at]!, end)).join(gap);
};

const names = 'maria,john,aylin,chen,oluwaseun,jörg,zoë,ivan,priya,fatima,lars,o’neil,josé'.split(',');
const places =
  'example.com,mail.example.org,firma.example.de,büro-münchen.de,corp.example.co.uk,example.io'.split(',');
const email: Maker = draw =>
  `${pick(draw, names)}${pick(draw, ['.', '_', '+', '-', ''])}${some(draw, 6, letters.toLowerCase())}${digits(draw, 3)}@${pick(draw, places)}`;

function luhn(body: string): string {
  const sum = [...body].reverse().reduce((total, character, at) => {
    const value = Number(character) * (at % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return body + ((10 - (sum % 10)) % 10);
}

const card =
  (prefix: string, length: number, sizes: readonly number[]): Maker =>
  draw => {
    const number = luhn(prefix + digits(draw, length - 1 - prefix.length));
    const gap = pick(draw, ['', ' ', '-']);
    return gap ? grouped(number, sizes, gap) : number;
  };

function remainder97(text: string): number {
  const digitsOnly = [...text].map(character => Number.parseInt(character, 36)).join('');
  return Number(BigInt(digitsOnly) % 97n);
}

const iban =
  (country: string, body: (draw: Draw) => string): Maker =>
  draw => {
    const account = body(draw);
    const check = String(98 - remainder97(`${account}${country}00`)).padStart(2, '0');
    const compact = country + check + account;
    return draw(2) ? compact : (compact.match(/.{1,4}/g) ?? []).join(' ');
  };

const phone =
  (pattern: string): Maker =>
  draw =>
    [...pattern].map(character => (character === '#' ? String(1 + draw(9)) : character)).join('');

const spanishLetter = (number: number) => 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23];

const oddValues: Record<string, number> = Object.fromEntries(
  [...'BAKPLCQDREVOSFTGUHMINJWZYX'].map((letter, value) => [letter, value]),
);
function fiscalCode(draw: Draw): string {
  const body = `${some(draw, 6, 'BCDFGLMNPRST')}${digits(draw, 2)}${pick(draw, 'ABCDEHLMPRST')}${two(draw, 1, 28)}${pick(draw, capitals)}${digits(draw, 3)}`;
  const sum = [...body].reduce((total, character, at) => {
    const isDigit = character >= '0' && character <= '9';
    const even = isDigit ? Number(character) : capitals.indexOf(character);
    const odd = oddValues[isDigit ? capitals[Number(character)]! : character]!;
    return total + (at % 2 === 0 ? odd : even);
  }, 0);
  return body + capitals[sum % 26];
}

function germanTaxId(draw: Draw): string {
  const order = [...decimals].sort(() => draw(3) - 1);
  while (order[0] === '0') order.push(order.shift()!);
  // Ten places, nine different digits: the last place repeats one of the others.
  const body = [...order.slice(0, 9), order[1 + draw(7)]!].join('');
  let product = 10;
  for (const digit of body) {
    const sum = (Number(digit) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return `${body}${(11 - product) % 10}`;
}

function cpf(draw: Draw): string {
  let number = `1${digits(draw, 8)}`;
  for (let step = 0; step < 2; step++) {
    const weighted = [...number].reduce(
      (sum, digit, at) => sum + Number(digit) * (number.length + 1 - at),
      0,
    );
    number += weighted % 11 < 2 ? 0 : 11 - (weighted % 11);
  }
  return `${grouped(number.slice(0, 9), [3, 3, 3], '.')}-${number.slice(9)}`;
}

function ahv(draw: Draw): string {
  const body = `756${digits(draw, 9)}`;
  const sum = [...body].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0);
  return grouped(`${body}${(10 - (sum % 10)) % 10}`, [3, 4, 4, 2], '.');
}

const nationalIds: Maker[] = [
  draw => `${two(draw, 1, 88)}${1 + draw(8)}-${two(draw, 1, 99)}-${1000 + draw(9000)}`.replace(/^666/, '665'),
  draw => {
    const gap = pick(draw, ['', ' ']);
    const pairs = [two(draw, 0, 99), two(draw, 0, 99), two(draw, 0, 99)].join(gap);
    return `${pick(draw, 'ACEHJLMPRSWXY')}${pick(draw, 'ACEHJLMPRSWXY')}${gap}${pairs}${gap}${pick(draw, 'ABCD')}`;
  },
  draw => {
    const number = 10_000_000 + draw(89_999_999);
    return `${number}${pick(draw, ['', '-'])}${spanishLetter(number)}`;
  },
  draw => {
    const first = draw(3);
    const number = digits(draw, 7);
    return `${'XYZ'[first]}${number}${spanishLetter(Number(`${first}${number}`))}`;
  },
  fiscalCode,
  germanTaxId,
  draw => {
    const body = `${1 + draw(2)}${two(draw, 30, 99)}${two(draw, 1, 12)}${two(draw, 1, 95)}${digits(draw, 6)}`;
    const number = body + String(97 - Number(BigInt(body) % 97n)).padStart(2, '0');
    return draw(2) ? number : grouped(number, [1, 2, 2, 2, 3, 3, 2], ' ');
  },
  cpf,
  ahv,
  draw => {
    const body = `${two(draw, 40, 99)}${two(draw, 1, 12)}${two(draw, 1, 28)}${digits(draw, 3)}`;
    const check = String(97 - (Number(body) % 97)).padStart(2, '0');
    return `${grouped(body.slice(0, 6), [2, 2, 2], '.')}-${body.slice(6)}.${check}`;
  },
  draw => {
    const number = luhn(`${two(draw, 40, 99)}${two(draw, 1, 12)}${two(draw, 1, 28)}${digits(draw, 3)}`);
    return `${number.slice(0, 6)}-${number.slice(6)}`;
  },
];

const base62 = letters + decimals;
const key =
  (prefix: string, length: number, of = base62): Maker =>
  draw =>
    `${prefix}${some(draw, length - 2, of)}${draw(10)}${pick(draw, of)}`;

const privateKey: Maker = draw => {
  const lines = Array.from({ length: 4 }, () => some(draw, 64, `${base62}+/`)).join('\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----`;
};

const providerKeys: Maker[] = [
  key('sk-', 48),
  key('sk-proj-', 60, `${base62}_-`),
  key('sk-ant-api03-', 90, `${base62}_-`),
  key('AIza', 35, `${base62}_-`),
  key('AKIA', 16, capitals + decimals),
  key('ASIA', 16, capitals + decimals),
  draw => `aws_secret_access_key=${some(draw, 40, `${base62}/+`)}`,
  key('ghp_', 36),
  key('gho_', 36),
  draw => `github_pat_${some(draw, 22, base62)}_${some(draw, 57, base62)}0`,
  draw => `xoxb-${digits(draw, 12)}-${digits(draw, 12)}-${some(draw, 24, base62)}`,
  key('sk_live_', 24),
  key('rk_live_', 24),
  key('hf_', 34),
  key('gsk_', 52),
  key('glpat-', 20),
  key('xai-', 80),
  key('pplx-', 48),
  key('tvly-', 32),
  key('npm_', 36),
  key('r8_', 37),
  key('pcsk_', 60),
  key('whsec_', 32),
  key('ya29.', 120, `${base62}_-`),
  draw => `SG.${some(draw, 22, base62)}.${some(draw, 42, base62)}7`,
  draw => `xapp-1-${some(draw, 11, capitals)}-${digits(draw, 13)}-${some(draw, 40, base62)}`,
  draw => `Bearer ${some(draw, 30, base62)}${draw(10)}`,
  privateKey,
];

const jwt: Maker = draw => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = part({ alg: pick(draw, ['HS256', 'RS256', 'ES256']), typ: 'JWT' });
  return `${header}.${part({ sub: some(draw, 12, base62), iat: 1_760_000_000 + draw(1e7) })}.${some(draw, 43, `${base62}_-`)}`;
};

const makersOf: Record<RedactionKind, readonly Maker[]> = {
  email: [email],
  card: [
    card('4', 16, [4, 4, 4, 4]),
    card('5412', 16, [4, 4, 4, 4]),
    card('2223', 16, [4, 4, 4, 4]),
    card('37', 15, [4, 6, 5]),
    card('6011', 16, [4, 4, 4, 4]),
    card('3530', 16, [4, 4, 4, 4]),
    card('62', 19, [4, 4, 4, 4, 3]),
    card('36', 14, [4, 6, 4]),
  ],
  iban: [
    iban('DE', draw => digits(draw, 18)),
    iban('ES', draw => digits(draw, 20)),
    iban('FR', draw => `${digits(draw, 10)}${some(draw, 11, capitals + decimals)}${digits(draw, 2)}`),
    iban('GB', draw => `${some(draw, 4, capitals)}${digits(draw, 14)}`),
    iban('NL', draw => `${some(draw, 4, capitals)}${digits(draw, 10)}`),
    iban('IT', draw => `${pick(draw, capitals)}${digits(draw, 22)}`),
    iban('NO', draw => digits(draw, 11)),
    iban('MT', draw => `${some(draw, 4, capitals)}${digits(draw, 5)}${some(draw, 18, capitals + decimals)}`),
  ],
  phone: [
    '+49 30 #######',
    '+1 (4##) 555-####',
    '+34 6## ### ###',
    '+4479########',
    '+33 6 ## ## ## ##',
    '0034 6## ### ###',
    '(4##) 555-####',
    '4##-555-####',
    '4##.555.####',
    '020 7### ####',
    '01 ## ## ## ##',
    '030/#######',
    '6## ### ###',
    '07### ######',
    '9## ## ## ##',
  ].map(phone),
  national_id: nationalIds,
  provider_key: providerKeys,
  jwt: [jwt],
};
