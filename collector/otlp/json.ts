import { Buffer } from 'node:buffer';
import protobuf from 'protobufjs';
import { bytesPerStep, JsonCursor } from './json-cursor.ts';
import { limits } from './limits.ts';
import { type Signal, signals } from './proto.ts';
import { allSteps } from './request.ts';
import { MalformedBody } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** OTLP/JSON writes these as hex, unlike every other bytes field. */
export const hexFields = new Set(['traceId', 'spanId', 'parentSpanId']);

/** The same as convertJson in one go, for callers who have nothing else to do meanwhile. */
export function jsonToProtobuf(signal: Signal, body: Uint8Array): Uint8Array {
  return allSteps(convertJson(signal, body));
}

/**
 * An OTLP/JSON request as protobuf, so that there is one decoder and one form on disk. MalformedBody names the place that
 * does not fit. Unknown fields are ignored; 64-bit integers may be numbers or strings and keep every digit; enums may be
 * numbers or names. An id that is not hex becomes an empty one, so that only its span is rejected. Yields between small
 * pieces of work, whatever the body is.
 */
export function convertJson(signal: Signal, body: Uint8Array): Generator<void, Uint8Array> {
  return new Conversion(body).convert(planOf(signals[signal].request));
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

/** A message or a list that is being read; a value in it is the top of the stack while it is read. */
interface Frame {
  /** The fields of a message; null for a list, whose items are all of `field`. */
  plan: MessagePlan | null;
  /** What is being read in it. */
  field: FieldPlan | null;
  /** Members or items begun so far. */
  begun: number;
  /** Where the message began in the protobuf; 0 for the request itself and for lists, which have no length there. */
  start: number;
  /** Values in values, for the limit of nesting. */
  depth: number;
}

/** Members and items between two steps: less than half a millisecond. */
const membersPerStep = 256;

/**
 * One request on its way from JSON to protobuf. The stack is ours and not JavaScript's, so that the work can be left off
 * anywhere; the cursor stands before the value each method writes.
 */
class Conversion {
  private readonly cursor: JsonCursor;
  private readonly writer: WireWriter;
  private readonly frames: Frame[] = [];
  private height = 0;
  /** Where the value began that is being read. */
  private valueAt = 0;
  /** What takes more than one step; it comes before everything else. */
  private unfinished: Generator<void> | null = null;

  constructor(body: Uint8Array) {
    this.cursor = new JsonCursor(body);
    this.writer = new WireWriter(Math.ceil(body.length / 2));
  }

  *convert(request: MessagePlan): Generator<void, Uint8Array> {
    try {
      this.openMessage(request, 0, 0);
      while (this.height > 0) {
        this.advance();
        if (this.unfinished) yield* this.unfinished;
        this.unfinished = null;
        yield;
      }
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      // What is not even JSON is said to be none.
      this.cursor.pos = this.valueAt;
      yield* this.cursor.skipping();
      throw new MalformedBody(error.message);
    }
    this.cursor.end();
    return this.writer.finish();
  }

  /** Reads some members and items, until the request ends or something takes longer. */
  private advance(): void {
    for (let left = membersPerStep; left > 0 && this.height > 0 && !this.unfinished; left--) {
      const frame = this.frames[this.height - 1]!;
      if (frame.plan) this.member(frame, frame.plan);
      else this.item(frame);
    }
  }

  private member(frame: Frame, plan: MessagePlan): void {
    const { cursor } = this;
    if (!cursor.nextMember(frame.begun === 0)) {
      this.height--;
      if (frame.start > 0) this.writer.close(frame.start);
      return;
    }
    frame.begun++;
    const field = plan.get(cursor.text());
    if (!field) this.skip();
    else if (!cursor.literal('null')) {
      frame.field = field;
      if (field.repeated) this.openList(field, frame.depth);
      else this.value(field, frame.depth);
    }
  }

  private item(frame: Frame): void {
    if (!this.cursor.nextItem(frame.begun === 0)) {
      this.height--;
      return;
    }
    frame.begun++;
    this.value(frame.field!, frame.depth);
  }

  private openMessage(plan: MessagePlan, start: number, depth: number): void {
    const { cursor } = this;
    this.valueAt = cursor.pos;
    if (!cursor.isObject()) this.expected('an object');
    cursor.enter();
    this.push(plan, null, start, depth);
  }

  private openList(field: FieldPlan, depth: number): void {
    const { cursor } = this;
    this.valueAt = cursor.pos;
    if (!cursor.isArray()) this.expected('an array');
    cursor.enter();
    this.push(null, field, 0, depth);
  }

  /** Frames are used again, since a request has a million of them and seldom more than ten at once. */
  private push(plan: MessagePlan | null, field: FieldPlan | null, start: number, depth: number): void {
    const frame = this.frames[this.height++];
    if (!frame) {
      this.frames.push({ plan, field, begun: 0, start, depth });
      return;
    }
    frame.plan = plan;
    frame.field = field;
    frame.begun = 0;
    frame.start = start;
    frame.depth = depth;
  }

  private value(field: FieldPlan, depth: number): void {
    const { writer } = this;
    if (field.message) {
      writer.varint((field.id << 3) | 2);
      const inner = depth + (field.isAnyValue ? 1 : 0);
      // One level more than we read is enough for the decoder to reject the span.
      if (inner <= limits.nesting + 1) this.openMessage(field.message(), writer.open(), inner);
      else {
        writer.varint(0);
        this.skip();
      }
    } else if (field.values) {
      writer.varint(field.id << 3);
      writer.varint64(BigInt(this.enumValue(field.values)));
    } else this.scalar(field);
  }

  /** Steps over a value that nobody reads; most are short. */
  private skip(): void {
    if (!this.cursor.skipShort()) this.unfinished = this.cursor.skipping();
  }

  private text(): void {
    const { cursor, writer } = this;
    if (!cursor.isString()) this.expected('a string');
    if (cursor.scan(bytesPerStep)) writer.bytes(cursor.utf8());
    else this.unfinished = this.longText();
  }

  private bytes(name: string): void {
    const { cursor, writer } = this;
    if (!cursor.isString()) this.expected('a string');
    if (cursor.scan(bytesPerStep)) writer.bytes(decodeBytes(name, cursor.utf8().toString()));
    else this.unfinished = this.longBytes(!hexFields.has(name));
  }

  /** The rest of long bytes; an id is never so long, and becomes an empty one. */
  private *longBytes(isBase64: boolean): Generator<void> {
    const { cursor, writer } = this;
    const start = writer.open();
    // Four characters make three bytes, and need not be in one piece.
    let rest = '';
    for (;;) {
      if (isBase64) {
        const text = rest + cursor.utf8().toString('latin1').replace(/\s+/g, '');
        const whole = cursor.isScanned ? text.length : text.length - (text.length % 4);
        const piece = Buffer.from(text.slice(0, whole), 'base64');
        writer.copy(piece, 0, piece.length);
        rest = text.slice(whole);
      }
      if (cursor.isScanned) break;
      yield;
      cursor.scan(bytesPerStep);
    }
    writer.close(start);
  }

  /** The rest of a text of which the cursor has scanned a first piece. */
  private *longText(): Generator<void> {
    const { cursor, writer } = this;
    const start = writer.open();
    for (;;) {
      const piece = cursor.utf8();
      writer.copy(piece, 0, piece.length);
      if (cursor.isScanned) break;
      yield;
      cursor.scan(bytesPerStep);
    }
    writer.close(start);
  }

  private scalar({ id, type, name }: FieldPlan): void {
    const { writer } = this;
    this.valueAt = this.cursor.pos;
    switch (type) {
      case 'string':
        writer.varint((id << 3) | 2);
        this.text();
        break;
      case 'bytes':
        writer.varint((id << 3) | 2);
        this.bytes(name);
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
    let where = '';
    for (const { plan, field, begun } of this.frames.slice(0, this.height)) {
      if (!plan) where += `[${begun - 1}]`;
      else if (field) where += `${where && '.'}${field.name}`;
    }
    throw new Misfit(`${where || 'the body'}: expected ${what}`);
  }
}

/** JSON, perhaps, but not what the protocol says. */
class Misfit extends Error {}

function decodeBytes(name: string, text: string): Buffer {
  if (!hexFields.has(name)) return Buffer.from(text, 'base64');
  return /^([0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0);
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
