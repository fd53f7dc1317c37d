import { Buffer } from 'node:buffer';
import protobuf from 'protobufjs';
import { JsonCursor } from './json-cursor.ts';
import { limits } from './limits.ts';
import { type Signal, signals } from './proto.ts';
import { MalformedBody } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** OTLP/JSON writes these as hex, unlike every other bytes field. */
export const hexFields = new Set(['traceId', 'spanId', 'parentSpanId']);

/**
 * An OTLP/JSON request as protobuf, so that there is one decoder and one form on disk. MalformedBody names the place that
 * does not fit. Unknown fields are ignored; 64-bit integers may be numbers or strings and keep every digit; enums may be
 * numbers or names. An id that is not hex becomes an empty one, so that only its span is rejected.
 */
export function jsonToProtobuf(signal: Signal, body: Uint8Array): Uint8Array {
  const conversion = new Conversion(body);
  conversion.message(planOf(signals[signal].request), 0);
  conversion.cursor.end();
  return conversion.writer.finish();
}

interface FieldPlan {
  name: string;
  id: number;
  repeated: boolean;
  /** Set for messages; a getter, since messages contain themselves. */
  message: (() => MessagePlan) | null;
  isAnyValue: boolean;
  values: Record<string, number> | null;
  type: string;
}

type MessagePlan = Map<string, FieldPlan>;

const plans = new Map<protobuf.Type, MessagePlan>();

function planOf(type: protobuf.Type): MessagePlan {
  const known = plans.get(type);
  if (known) return known;
  const plan: MessagePlan = new Map(type.fieldsArray.map(field => [field.name, fieldPlan(field)]));
  plans.set(type, plan);
  return plan;
}

function fieldPlan({ name, id, repeated, resolvedType, type }: protobuf.Field): FieldPlan {
  const message = resolvedType instanceof protobuf.Type ? () => planOf(resolvedType) : null;
  const values = resolvedType instanceof protobuf.Enum ? resolvedType.values : null;
  return { name, id, repeated, message, isAnyValue: resolvedType?.name === 'AnyValue', values, type };
}

/** One request on its way from JSON to protobuf; the cursor stands before the value each method writes. */
class Conversion {
  readonly cursor: JsonCursor;
  readonly writer: WireWriter;
  /** Where we are, for the error message. */
  private readonly path: (string | number)[] = [];
  /** Where the value began that is being read. */
  private valueAt = 0;

  constructor(body: Uint8Array) {
    this.cursor = new JsonCursor(body);
    this.writer = new WireWriter(Math.ceil(body.length / 2));
  }

  message(plan: MessagePlan, depth: number): void {
    const { cursor, path } = this;
    this.valueAt = cursor.pos;
    if (!cursor.isObject()) this.expected('an object');
    cursor.enter();
    for (let isFirst = true; cursor.nextMember(isFirst); isFirst = false) {
      const field = plan.get(cursor.text());
      if (!field) cursor.skip();
      else if (!cursor.literal('null')) {
        path.push(field.name);
        if (field.repeated) this.list(field, depth);
        else this.field(field, depth);
        path.pop();
      }
    }
  }

  private list(field: FieldPlan, depth: number): void {
    const { cursor, path } = this;
    this.valueAt = cursor.pos;
    if (!cursor.isArray()) this.expected('an array');
    cursor.enter();
    const at = path.length;
    for (let index = 0; cursor.nextItem(index === 0); index++) {
      path[at] = index;
      this.field(field, depth);
    }
    path.length = at;
  }

  private field(field: FieldPlan, depth: number): void {
    const { writer } = this;
    if (field.message) {
      writer.varint((field.id << 3) | 2);
      const start = writer.open();
      this.nested(field.message(), depth + (field.isAnyValue ? 1 : 0));
      writer.close(start);
    } else if (field.values) {
      writer.varint(field.id << 3);
      writer.varint64(BigInt(this.enumValue(field.values)));
    } else this.scalar(field);
  }

  private nested(plan: MessagePlan, depth: number): void {
    // One level more than we read is enough for the decoder to reject the span.
    if (depth <= limits.nesting + 1) this.message(plan, depth);
    else this.cursor.skip();
  }

  private scalar({ id, type, name }: FieldPlan): void {
    const { writer } = this;
    this.valueAt = this.cursor.pos;
    switch (type) {
      case 'string':
        writer.varint((id << 3) | 2);
        writer.bytes(this.utf8());
        break;
      case 'bytes':
        writer.varint((id << 3) | 2);
        writer.bytes(decodeBytes(name, this.utf8().toString()));
        break;
      case 'bool':
        writer.varint(id << 3);
        writer.varint(this.boolean() ? 1 : 0);
        break;
      case 'double':
        writer.varint((id << 3) | 1);
        writer.double(this.double());
        break;
      case 'fixed64':
      case 'sfixed64':
        writer.varint((id << 3) | 1);
        writer.fixed64(this.integer());
        break;
      case 'int64':
      case 'uint64':
        writer.varint(id << 3);
        writer.varint64(this.integer());
        break;
      case 'sint32':
        writer.varint(id << 3);
        writer.varint(zigzag(Number(BigInt.asIntN(32, this.integer()))));
        break;
      case 'uint32':
      case 'int32':
        writer.varint(id << 3);
        writer.varint(Number(BigInt.asUintN(32, this.integer())));
        break;
      case 'fixed32':
        writer.varint((id << 3) | 5);
        writer.fixed32(Number(BigInt.asUintN(32, this.integer())));
        break;
      default:
        throw new Error(`jsonToProtobuf does not know the type ${type}`);
    }
  }

  private utf8(): Buffer {
    if (!this.cursor.isString()) this.expected('a string');
    this.cursor.string();
    return this.cursor.utf8();
  }

  private enumValue(values: Record<string, number>): number {
    this.valueAt = this.cursor.pos;
    const text = this.textOrNumber();
    if (typeof text === 'number') return Number.isInteger(text) ? text | 0 : this.expected('a whole number');
    if (Object.hasOwn(values, text)) return values[text]!;
    // A name newer than our list: like an unknown number in protobuf, it means "unspecified".
    return /^\d{1,9}$/.test(text) ? Number(text) : 0;
  }

  private boolean(): boolean {
    const { cursor } = this;
    if (cursor.literal('true')) return true;
    if (cursor.literal('false')) return false;
    const text = cursor.isString() ? this.utf8().toString() : '';
    return text === 'true' || (text !== 'false' && this.expected('true or false'));
  }

  private double(): number {
    const value = this.textOrNumber();
    if (typeof value === 'number') return value;
    if (/^(NaN|-?Infinity|-?[\d.]+([eE][+-]?\d+)?)$/.test(value)) return Number(value);
    return this.expected('a number');
  }

  private integer(): bigint {
    const { cursor } = this;
    const small = cursor.smallNumber();
    if (small !== null) return BigInt(small);
    const text = cursor.isNumber() ? cursor.number() : this.textIfString();
    if (/^-?\d{1,20}$/.test(text)) return BigInt(text);
    // Some senders write whole numbers as 3.0 or 1e3; a fraction is a mistake.
    if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && Number.isInteger(Number(text)))
      return BigInt(Number(text));
    return this.expected('an integer');
  }

  private textOrNumber(): string | number {
    const { cursor } = this;
    return cursor.smallNumber() ?? (cursor.isNumber() ? Number(cursor.number()) : this.textIfString());
  }

  private textIfString(): string {
    return this.cursor.isString() ? this.utf8().toString() : this.expected('a number');
  }

  private expected(what: string): never {
    // What is not even JSON is said to be none.
    this.cursor.pos = this.valueAt;
    this.cursor.skip();
    let where = '';
    for (const part of this.path) where += typeof part === 'number' ? `[${part}]` : `${where && '.'}${part}`;
    throw new MalformedBody(`${where || 'the body'}: expected ${what}`);
  }
}

function decodeBytes(name: string, text: string): Buffer {
  if (!hexFields.has(name)) return Buffer.from(text, 'base64');
  return /^([0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0);
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
