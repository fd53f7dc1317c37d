import protobuf from 'protobufjs';
import { hexFields } from './json.ts';
import { type Signal, signals } from './proto.ts';
import { MalformedBody, WireReader } from './wire.ts';

type JsonObject = Record<string, unknown>;

/** A protobuf request as OTLP/JSON: 64-bit integers as strings, enums as numbers, ids as hex. The inverse of jsonToProtobuf. */
export function protobufToJson(signal: Signal, body: Uint8Array): JsonObject {
  return readMessage(new WireReader(body), signals[signal].request);
}

function readMessage(reader: WireReader, type: protobuf.Type): JsonObject {
  const message: JsonObject = {};
  while (reader.more) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (!field) reader.skip(tag);
    else if (field.repeated) readRepeated(reader, field, tag, message);
    else message[field.name] = readValue(reader, field);
  }
  return message;
}

function readRepeated(reader: WireReader, field: protobuf.Field, tag: number, message: JsonObject): void {
  message[field.name] ??= [];
  const list = message[field.name] as unknown[];
  const isPacked =
    (tag & 7) === 2 && !(field.resolvedType instanceof protobuf.Type) && field.type !== 'string';
  if (!isPacked) {
    list.push(readValue(reader, field));
    return;
  }
  const outer = reader.enter();
  while (reader.more) list.push(readValue(reader, field));
  reader.leave(outer);
}

function readValue(reader: WireReader, field: protobuf.Field): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) return reader.uint32();
  if (!(resolvedType instanceof protobuf.Type)) return readScalar(reader, field);
  const outer = reader.enter();
  const value = readMessage(reader, resolvedType);
  reader.leave(outer);
  return value;
}

function readScalar(reader: WireReader, field: protobuf.Field): unknown {
  switch (field.type) {
    case 'string':
      return reader.string();
    case 'bytes':
      return hexFields.has(field.name) ? reader.hex() : reader.bytes().toString('base64');
    case 'bool':
      return reader.uint32() !== 0;
    case 'double':
      return jsonDouble(reader.double());
    case 'fixed64':
      return reader.fixed64().toString();
    case 'sfixed64':
      return reader.sfixed64().toString();
    case 'int64':
      return reader.int64().toString();
    case 'uint64':
      return reader.uint64().toString();
    case 'sint32':
      return reader.sint32();
    case 'int32':
    case 'uint32':
      return reader.uint32();
    case 'fixed32':
      return reader.fixed32();
    default:
      throw new MalformedBody(`the type ${field.type} of ${field.fullName} is not used by OTLP`);
  }
}

function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
