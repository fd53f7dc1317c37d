import { Buffer } from 'node:buffer';
import { limits } from '#collector/otlp/limits.ts';
import type { Signal } from '#collector/otlp/proto.ts';
import { WireReader } from '#collector/otlp/wire.ts';
import { type FieldShape, type MessageShape, requestShape } from '#collector/redact/shapes.ts';
import { madeUpValue } from '#store/redact/made-up.ts';
import { redactionKinds } from '../../contract/privacy.ts';
import type { Seeded } from './seeded.ts';

/** A field as it stands on the wire; messages are taken apart. */
interface Field {
  tag: number;
  kind: FieldShape['kind'] | 'unknown';
  /** What stands behind the tag, and behind the length where there is one. */
  bytes: Uint8Array;
  fields: Message | null;
  /** The length as it is to be written, when it is not the right one. */
  length?: Uint8Array;
}

interface Message {
  shape: MessageShape;
  list: Field[];
}

/** Requests with one to three of the spans of a request each, which mutate faster than large ones. */
export function smallRequests(signal: Signal, request: Uint8Array): Buffer[] {
  const parsed = parse(request, requestShape(signal));
  const requests: Buffer[] = [];
  for (const resource of parsed.list) {
    for (const scope of resource.fields?.list.filter(({ tag }) => tag === 18) ?? []) {
      const items = scope.fields!.list.filter(({ tag }) => tag === 18);
      for (let at = 0; at < items.length; at += 3) {
        const some = items.slice(at, at + 3);
        const isKept = (field: Field) => field.tag !== 18 || some.includes(field);
        const list = scope.fields!.list.filter(isKept);
        const one = { ...scope, fields: { ...scope.fields!, list } };
        const around = resource.fields!.list.flatMap(field =>
          field === scope ? [one] : field.tag === 18 ? [] : [field],
        );
        requests.push(encode([{ ...resource, fields: { ...resource.fields!, list: around } }]));
      }
    }
  }
  return requests;
}

/** The request with a few things changed that a sender, a proxy or an attacker may get wrong or do on purpose. */
export function mutated(signal: Signal, request: Uint8Array, random: Seeded, nowMs: number): Buffer {
  const message = parse(request, requestShape(signal));
  for (let changes = 1 + random.integer(3); changes > 0; changes--) change(message, random, nowMs);
  const bytes = encode(message.list);
  if (bytes.length > 0 && random.integer(6) === 0) bytes[random.integer(bytes.length)] = random.integer(256);
  return random.integer(40) === 0 ? bytes.subarray(0, random.integer(bytes.length + 1)) : bytes;
}

function parse(bytes: Uint8Array, shape: MessageShape): Message {
  const reader = new WireReader(bytes);
  const list: Field[] = [];
  while (reader.more) {
    const tag = reader.uint32();
    const known = shape.fields.get(tag >>> 3);
    if ((tag & 7) === 2) {
      const value = reader.bytes();
      const fields = known?.kind === 'message' ? parse(value, known.shape) : null;
      list.push({ tag, kind: known?.kind ?? 'unknown', bytes: value, fields });
    } else {
      const { pos } = reader;
      reader.skip(tag);
      list.push({ tag, kind: 'number', bytes: reader.buffer.subarray(pos, reader.pos), fields: null });
    }
  }
  return { shape, list };
}

function encode(list: readonly Field[]): Buffer {
  return Buffer.concat(
    list.flatMap(({ tag, bytes, fields, length }) => {
      const value = fields ? encode(fields.list) : bytes;
      if ((tag & 7) !== 2) return [varint(tag), value];
      return [varint(tag), length ?? varint(value.length), value];
    }),
  );
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

interface Place {
  message: Message;
  at: number;
  field: Field;
}

function places(message: Message): Place[] {
  return message.list.flatMap((field, at) => [
    { message, at, field },
    ...(field.fields ? places(field.fields) : []),
  ]);
}

function change(request: Message, random: Seeded, nowMs: number): void {
  const all = places(request);
  if (all.length === 0) return;
  // Leaves are many, and attributes more than what has them: half of the time one of a kind that is drawn first.
  const kind = random.pick(['text', 'name', 'id', 'number', 'message', 'other'] as const);
  const ofKind = all.filter(({ field }) => field.kind === kind || field.fields?.shape.role === kind);
  const place = random.pick(ofKind.length > 0 && random.integer(2) === 0 ? ofKind : all);
  const { message, at, field } = place;
  const general = [
    () => message.list.splice(at, 1),
    () => message.list.splice(random.integer(message.list.length + 1), 0, { ...field }),
    () => message.list.push(...message.list.splice(at, 1)),
    () => message.list.splice(at, 0, unknownField(random)),
    () => message.list.splice(at, 0, oddField(message.shape, random)),
    () => {
      field.tag = (field.tag & ~7) | random.integer(8);
      field.bytes = field.fields ? encode(field.fields.list) : field.bytes;
      field.fields = null;
    },
    () => lengthen(field, random),
  ];
  const own = ownChanges(place, random, nowMs);
  (random.integer(4) > 0 && own.length > 0 ? random.pick(own) : random.pick(general))();
}

function ownChanges({ field }: Place, random: Seeded, nowMs: number): (() => void)[] {
  const set = (bytes: Uint8Array) => () => {
    field.bytes = bytes;
  };
  if (field.kind === 'text') return [set(Buffer.from(textOf(random, Buffer.from(field.bytes).toString())))];
  if (field.kind === 'name') return [set(Buffer.from(random.pick(names)(random)))];
  if (field.kind === 'id') return idsOf(field.bytes.length, random).map(set);
  if (field.kind === 'number') return [set(numberOf(field, random, nowMs))];
  if (field.fields?.shape.role === 'value') return [() => nest(field, random)];
  if (field.fields?.shape.role === 'other') {
    const { list, shape } = field.fields;
    const odd = () => list.push(oddField(shape, random));
    const numbers = [...shape.fields].filter(([, known]) => isAttribute(known)).map(([number]) => number);
    return [odd, ...numbers.map(number => () => list.push(attribute(number, random)))];
  }
  return [];
}

function textOf(random: Seeded, before: string): string {
  const value = madeUpValue(random.pick(redactionKinds), random.integer);
  const at = random.integer(before.length + 1);
  return random.pick([
    () => value,
    () => `it is ${value}.`,
    () => before.slice(0, at) + value + before.slice(at),
    () => JSON.stringify({ a: value }),
    () => encodeURIComponent(value),
    () => String(random.integer(1e9)).repeat(random.integer(3)),
    // A tax id, but only where people write; and a secret, but only under a name that says so.
    () => random.pick(['86095742719', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY']),
    () => random.pick(['', 'gen_ai.user.message', 'gen_ai.choice', 'exception', '{"messages":["hi"]}', 'a']),
    () => (random.integer(8) > 0 ? 'acme-1234' : 'x y'.repeat(random.integer(2) === 0 ? 10_000 : 45_000)),
  ])();
}

const names: ((random: Seeded) => string)[] = [
  () => 'input.value',
  () => 'llm.invocation_parameters',
  () => 'aws_secret_access_key',
  () => 'driftline.facts',
  () => 'gen_ai.usage.input_tokens',
  () => 'content',
  () => 'x'.repeat(limits.keyBytes + 1),
  random => 'y'.repeat(120 + random.integer(20)),
  random => `key.${random.integer(1000)}`,
  random => madeUpValue(random.pick(redactionKinds), random.integer),
  () => '',
  () => 'gen_ai.prompt.0.content',
];

function idsOf(length: number, random: Seeded): Buffer[] {
  const zeros = Buffer.alloc(length);
  const other = random.pick([0, 1, 7, 8, 9, 15, 16, 17, 24]);
  return [zeros, Buffer.alloc(other), Buffer.alloc(other, 7), Buffer.from(random.hex(length), 'hex')];
}

function numberOf({ tag }: Field, random: Seeded, nowMs: number): Uint8Array {
  if ((tag & 7) === 0) {
    const digits = random.pick(['4111111111111111', '1732183200123456789', '0', '1', '9007199254740993']);
    return random.integer(8) === 0 ? Buffer.from([0x81, 0x80, 0]) : varint(BigInt(digits));
  }
  if ((tag & 7) !== 1) return Buffer.from(random.hex(4), 'hex');
  const days = random.pick([0, 90, 90, 90, 91, 400, -1, -400]);
  const ms = BigInt(Math.round(nowMs - days * 86_400_000)) + BigInt(random.integer(3) - 1);
  return fixed64(random.integer(3) === 0 ? BigInt(random.integer(2)) : ms * 1_000_000n);
}

function fixed64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

const isAttribute = (field: FieldShape) => field.kind === 'message' && field.shape.role === 'attribute';

const delimited = (field: number, bytes: Uint8Array): Field => ({
  tag: (field << 3) | 2,
  kind: 'unknown',
  bytes,
  fields: null,
});
const message = (field: number, ...list: Field[]): Field => delimited(field, encode(list));

/** Into lists or maps, up to and beyond what we read. */
function nest(value: Field, random: Seeded): void {
  let bytes: Uint8Array = encode(value.fields!.list);
  const isMap = random.integer(2) === 0;
  const name = Buffer.from(random.pick(names)(random));
  const levels = random.pick([1, 2, 3, limits.nesting - 2, limits.nesting - 1, limits.nesting, 140]);
  for (let level = 0; level < levels; level++) {
    const inner = isMap ? message(1, delimited(1, name), delimited(2, bytes)) : delimited(1, bytes);
    bytes = encode([message(isMap ? 6 : 5, inner, ...(level === 0 && !isMap ? [inner] : []))]);
  }
  value.bytes = bytes;
  value.fields = null;
}

/** Names and texts that mean something together only. */
const telling: (readonly [name: string, text: string])[] = [
  ['aws_secret_access_key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ['input.value', '86095742719'],
  ['llm.invocation_parameters', '{"messages":["hi"]}'],
  ['content', 'hi'],
];

function attribute(field: number, random: Seeded): Field {
  const any = [random.pick(names)(random), textOf(random, 'gpt-4o-mini-2024-07-18')] as const;
  const [nameText, valueText] = random.integer(2) === 0 ? any : random.pick(telling);
  const name = delimited(1, Buffer.from(nameText));
  const text = delimited(1, Buffer.from(valueText));
  const member = message(1, name, message(2, text));
  const [key, value] = random.pick([
    () => [name, message(2, text)] as const,
    () => [name, message(2, { ...text, tag: 58 })] as const,
    () => [name, message(2, message(5, message(1, text), message(1, text)))] as const,
    () => [name, message(2, message(6, member))] as const,
    () => [delimited(1, Buffer.from('key')), message(2, message(6, member))] as const,
    () => [name, message(2)] as const,
  ])();
  return message(
    field,
    ...random.pick([[key, value], [key, value], [key, value], [value, key], [key], [key, key, value]]),
  );
}

/** An event or link that is not there yet, or anything else the message may have. */
function oddField(shape: MessageShape, random: Seeded): Field {
  const messages = [...shape.fields].filter(([, known]) => known.kind === 'message');
  const [number, known] = random.pick(
    messages.length > 0 && random.integer(2) === 0 ? messages : [...shape.fields],
  );
  if (known.kind === 'number') return unknownField(random, number);
  if (known.kind !== 'message') return delimited(number, Buffer.from(textOf(random, 'chat')));
  if (known.shape.role === 'attribute') return attribute(number, random);
  const name = random.pick([textOf(random, 'exception'), 'gen_ai.user.message', 'gen_ai.choice']);
  return message(
    number,
    delimited(2, Buffer.from(name)),
    attribute(3, random),
    ...(random.integer(2) === 0 ? [unknownField(random)] : []),
  );
}

function unknownField(random: Seeded, number = random.pick([0, 3, 7, 14, 19, 77, 3000])): Field {
  // No field has this number, and no message has an end that is marked.
  if (random.integer(8) === 0) return { tag: 0, kind: 'number', bytes: Buffer.alloc(1), fields: null };
  const type = random.pick([0, 1, 2, 2, 2, 5, 3]);
  if (type === 2) return delimited(number, Buffer.from(random.integer(2) ? 'harmless' : textOf(random, 'a')));
  const bytes =
    type === 0 ? varint(random.integer(random.pick([4, 1e9]))) : Buffer.alloc(type === 1 ? 8 : 4, 0x31);
  return { tag: (number << 3) | type, kind: 'number', bytes, fields: null };
}

/** Its length says more or less than there is, or says it in one byte more than it needs. */
function lengthen(field: Field, random: Seeded): void {
  const value = field.fields ? encode(field.fields.list) : field.bytes;
  const padded = varint(value.length);
  padded[padded.length - 1]! |= 128;
  field.length = random.pick([
    Buffer.concat([padded, Buffer.from([0])]),
    varint(Math.max(0, value.length + random.pick([-2, -1, 1, 2, 200]))),
  ]);
}
