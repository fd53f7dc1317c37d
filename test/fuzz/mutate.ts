import type { Seeded } from '../support/seeded.ts';

/** No input becomes larger than this. */
export const maxInputBytes = 128 * 1024;

type Mutation = (input: Buffer, random: Seeded, other: Buffer) => Buffer;

const interestingBytes = [0, 1, 0x0a, 0x12, 0x22, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xff];

/** Pieces that mean something to one of the parsers. */
const pieces = [
  Buffer.from('ffffffffffffffffff01', 'hex'),
  Buffer.from('ffffffff0f', 'hex'),
  Buffer.from('8080808000', 'hex'),
  Buffer.from('0a00', 'hex'),
  Buffer.from('DLWAL001'),
  ...[
    'null',
    '-1',
    '1e400',
    '18446744073709551616',
    '0.1',
    '"\\ud800"',
    '{"',
    '[[[[',
    ']]]]',
    '""',
    'NaN',
  ].map(text => Buffer.from(text)),
  Buffer.from('"arrayValue":{"values":[{'),
  Buffer.from('"__proto__":{'),
  Buffer.from('"kvlistValue":{"values":[{"key":"a","value":{'),
  Buffer.from('content-length: 5\r\n'),
  Buffer.from('transfer-encoding: chunked\r\n'),
  Buffer.from('\r\n\r\n'),
];

const mutations: Mutation[] = [
  (input, random) => {
    const out = Buffer.from(input);
    const at = random.integer(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << random.integer(8));
    return out;
  },
  (input, random) => {
    const out = Buffer.from(input);
    out[random.integer(out.length)] = random.pick(interestingBytes);
    return out;
  },
  (input, random) => {
    const from = random.integer(input.length);
    return Buffer.concat([input.subarray(0, from), input.subarray(from + 1 + random.integer(16))]);
  },
  (input, random) => input.subarray(0, random.integer(input.length + 1)),
  (input, random) => insert(input, random.integer(input.length + 1), random.pick(pieces)),
  (input, random) => {
    const from = random.integer(input.length);
    const part = input.subarray(from, from + 1 + random.integer(64));
    return insert(input, random.integer(input.length + 1), ...Array(1 + random.integer(30)).fill(part));
  },
  (input, random, other) => {
    const from = random.integer(other.length);
    return insert(
      input,
      random.integer(input.length + 1),
      other.subarray(from, from + 1 + random.integer(200)),
    );
  },
  (input, random, other) =>
    Buffer.concat([
      input.subarray(0, random.integer(input.length + 1)),
      other.subarray(random.integer(other.length + 1)),
    ]),
  nest,
  nestValue,
];

const anyValues = [
  ['{"arrayValue":{"values":[', ']}}'],
  ['{"kvlistValue":{"values":[{"key":"a","value":', '}]}}'],
] as const;

/** Brackets in brackets, from a few to far more than anybody reads. */
function nest(input: Buffer, random: Seeded): Buffer {
  const levels = 2 ** random.integer(13);
  const [open, close] = random.pick([['[', ']'], ['{"a":', '}'], ...anyValues] as const);
  const closing = random.next() < 0.9 ? close.repeat(levels) : '';
  return insert(input, random.integer(input.length + 1), Buffer.from(`${open.repeat(levels)}1${closing}`));
}

/** A value of an attribute becomes a deep one, in JSON that is still good: what stood there belongs to an unknown field. */
function nestValue(input: Buffer, random: Seeded): Buffer {
  const places = [...input.toString('latin1').matchAll(/"(?:value|body)"\s*:/g)];
  if (places.length === 0) return nest(input, random);
  const place = random.pick(places);
  const [open, close] = random.pick(anyValues);
  const levels = random.pick([1, 8, 31, 32, 33, 34, 35, 300]);
  const deep = `${open.repeat(levels)}{"intValue":"1"}${close.repeat(levels)},"unknown":`;
  return insert(input, place.index + place[0].length, Buffer.from(deep));
}

function insert(input: Buffer, at: number, ...parts: Buffer[]): Buffer {
  return Buffer.concat([input.subarray(0, at), ...parts, input.subarray(at)]);
}

/** A few changes on top of each other; `other` lends its parts. */
export function mutate(input: Buffer, other: Buffer, random: Seeded): Buffer {
  let out = input;
  for (let times = 1 + random.integer(5); times > 0 && out.length > 0; times--) {
    out = random.pick(mutations)(out, random, other);
  }
  return out.subarray(0, maxInputBytes);
}
