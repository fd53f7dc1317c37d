import protobuf from 'protobufjs';
import { limits } from './limits.ts';
import { type Signal, signals } from './proto.ts';
import { MalformedBody } from './wire.ts';

/** OTLP/JSON writes these as hex, unlike every other bytes field. */
export const hexFields = new Set(['traceId', 'spanId', 'parentSpanId']);

/**
 * An OTLP/JSON request as protobuf, so that there is one decoder and one form on disk. MalformedBody names the place that
 * does not fit. Unknown fields are ignored; 64-bit integers may be numbers or strings and keep every digit; enums may be
 * numbers or names. An id that is not hex becomes an empty one, so that only its span is rejected.
 */
export function jsonToProtobuf(signal: Signal, body: Uint8Array): Uint8Array {
  const writer = protobuf.Writer.create();
  writeMessage(writer, signals[signal].request, asObject(parse(body), 'the body'), '', 0);
  return writer.finish();
}

function parse(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return JSON.parse(quoteLongIntegers(text));
  } catch (error) {
    throw new MalformedBody(`the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** JSON.parse would round integers beyond 2^53, and nanosecond times are such; as strings they survive. */
function quoteLongIntegers(text: string): string {
  if (!/[:[,]\s*-?\d{16}/.test(text)) return text;
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (end - at >= 16 && /^-?\d+$/.test(number)) {
        parts.push(text.slice(from, at), '"', number, '"');
        from = end;
      }
      at = end - 1;
    }
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Index of the quote that closes the string opened at `open`. */
function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && '0123456789.eE+-'.includes(text[end]!)) end++;
  return end;
}

type JsonObject = Record<string, unknown>;

function asObject(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new MalformedBody(`${path}: expected an object`);
}

function writeMessage(
  writer: protobuf.Writer,
  type: protobuf.Type,
  value: JsonObject,
  path: string,
  depth: number,
): void {
  for (const field of type.fieldsArray) {
    if (!Object.hasOwn(value, field.name)) continue;
    const member = value[field.name];
    if (member === null || member === undefined) continue;
    const where = path === '' ? field.name : `${path}.${field.name}`;
    if (!field.repeated) {
      writeField(writer, field, member, where, depth);
      continue;
    }
    if (!Array.isArray(member)) throw new MalformedBody(`${where}: expected an array`);
    member.forEach((item, i) => {
      writeField(writer, field, item, `${where}[${i}]`, depth);
    });
  }
}

function writeField(
  writer: protobuf.Writer,
  field: protobuf.Field,
  value: unknown,
  path: string,
  depth: number,
): void {
  const { resolvedType, id } = field;
  if (resolvedType instanceof protobuf.Type) {
    const nested = depth + (resolvedType.name === 'AnyValue' ? 1 : 0);
    writer.uint32((id << 3) | 2).fork();
    // One level more than we read is enough for the decoder to reject the span.
    if (nested <= limits.nesting + 1) writeMessage(writer, resolvedType, asObject(value, path), path, nested);
    writer.ldelim();
  } else if (resolvedType instanceof protobuf.Enum) {
    writer.uint32(id << 3).int32(readEnum(resolvedType, value, path));
  } else writeScalar(writer, field, value, path);
}

function readEnum(type: protobuf.Enum, value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value | 0;
  const byName = typeof value === 'string' ? type.values[value] : undefined;
  if (byName !== undefined) return byName;
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  // A name newer than our list: like an unknown number in protobuf, it means "unspecified".
  if (typeof value === 'string') return 0;
  throw new MalformedBody(`${path}: expected a number`);
}

function writeScalar(writer: protobuf.Writer, field: protobuf.Field, value: unknown, path: string): void {
  const { id } = field;
  switch (field.type) {
    case 'string':
      writer.uint32((id << 3) | 2).string(wellFormed(readString(value, path)));
      break;
    case 'bytes':
      writer.uint32((id << 3) | 2).bytes(readBytes(field.name, readString(value, path)));
      break;
    case 'bool':
      writer.uint32(id << 3).bool(readBoolean(value, path));
      break;
    case 'double':
      writer.uint32((id << 3) | 1).double(readDouble(value, path));
      break;
    case 'fixed64':
    case 'sfixed64':
      writer.uint32((id << 3) | 1).fixed64(readLong(value, path));
      break;
    case 'int64':
    case 'uint64':
      writer.uint32(id << 3).uint64(readLong(value, path));
      break;
    case 'sint32':
      writer.uint32(id << 3).sint32(Number(BigInt.asIntN(32, readBigInt(value, path))));
      break;
    case 'uint32':
    case 'int32':
      writer.uint32(id << 3).uint32(Number(BigInt.asUintN(32, readBigInt(value, path))));
      break;
    case 'fixed32':
      writer.uint32((id << 3) | 5).fixed32(Number(BigInt.asUintN(32, readBigInt(value, path))));
      break;
    default:
      throw new Error(`jsonToProtobuf does not know the type ${field.type} of ${path}`);
  }
}

function readString(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw new MalformedBody(`${path}: expected a string`);
}

/** Half a surrogate pair has no UTF-8 form. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function readBytes(name: string, text: string): Uint8Array {
  if (!hexFields.has(name)) return Buffer.from(text, 'base64');
  return /^([0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0);
}

function readBoolean(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new MalformedBody(`${path}: expected true or false`);
}

function readDouble(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^(NaN|-?Infinity|-?[\d.]+([eE][+-]?\d+)?)$/.test(value))
    return Number(value);
  throw new MalformedBody(`${path}: expected a number`);
}

function readBigInt(value: unknown, path: string): bigint {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  // Some senders write whole numbers as 3.0 or 1e3; a fraction is a mistake.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new MalformedBody(`${path}: expected an integer`);
}

function readLong(value: unknown, path: string): protobuf.Long {
  const bits = BigInt.asUintN(64, readBigInt(value, path));
  return { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned: true };
}
