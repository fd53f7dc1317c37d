import protobuf from 'protobufjs';
import { hexFields } from '../otlp/json.ts';
import { messageType, type Signal, signals } from '../otlp/proto.ts';

/** What a field of an OTLP message is, as far as it matters for private values. */
export type FieldShape =
  | { kind: 'message'; shape: MessageShape }
  | { kind: 'text' }
  | { kind: 'id' }
  /** The name of an attribute. */
  | { kind: 'name' }
  | { kind: 'packed' }
  | { kind: 'number' };

export interface MessageShape {
  /** A KeyValue or an AnyValue, which are read with the name of the attribute in mind. */
  role: 'attribute' | 'value' | 'other';
  fields: Map<number, FieldShape>;
}

const shapes = new Map<protobuf.Type, MessageShape>();
const roles = new Map([
  [messageType('KeyValue'), 'attribute'],
  [messageType('AnyValue'), 'value'],
] as const);

/** The shape of a request of that signal, from the same definitions the decoders were written after. */
export function requestShape(signal: Signal): MessageShape {
  return shapeOf(signals[signal].request);
}

function shapeOf(type: protobuf.Type): MessageShape {
  const known = shapes.get(type);
  if (known) return known;
  const shape: MessageShape = { role: roles.get(type) ?? 'other', fields: new Map() };
  // Before its fields, since values contain values.
  shapes.set(type, shape);
  for (const field of type.fieldsArray) shape.fields.set(field.id, fieldShape(field, shape.role));
  return shape;
}

function fieldShape(field: protobuf.Field, role: MessageShape['role']): FieldShape {
  if (field.resolvedType instanceof protobuf.Type)
    return { kind: 'message', shape: shapeOf(field.resolvedType) };
  if (role === 'attribute' && field.name === 'key') return { kind: 'name' };
  if (field.type === 'bytes' && hexFields.has(field.name)) return { kind: 'id' };
  // Bytes that are no ids may be text as well; when they are not, nothing is found in them.
  if (field.type === 'string' || field.type === 'bytes') return { kind: 'text' };
  return { kind: field.repeated ? 'packed' : 'number' };
}
