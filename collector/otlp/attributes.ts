import type { Attributes } from '../telemetry.ts';
import { cutPoint, cutText, limits, mayBeLong, ownAttributes } from './limits.ts';
import type { WireReader } from './wire.ts';

/** A value nested deeper than we read; the span it belongs to is rejected, its neighbours are not. */
export class NestedTooDeep extends Error {
  override name = 'NestedTooDeep';
}

// One object for all: a hostile body could make us build thousands of stack traces.
const nestedTooDeep = new NestedTooDeep(`values are nested deeper than ${limits.nesting} levels`);

// No prototype, so `__proto__` and `constructor` are keys like any other; a constructor, so that objects stay fast.
const Dictionary = function Dictionary() {} as unknown as new () => Attributes;
Dictionary.prototype = Object.create(null);

/** An empty map that is safe for keys chosen by the sender. */
export function emptyAttributes(): Attributes {
  return new Dictionary();
}

/** What was cut while reading one span, log record or point. */
export interface Notes {
  truncated: boolean;
}

/** Fills attributes one KeyValue at a time within the limits. */
export class AttributeReader {
  readonly attributes = emptyAttributes();
  private entries = 0;
  private plain = 0;
  private long = 0;
  private readonly notes: Notes;
  private readonly maximum: number;
  private readonly ownBytes: number;

  /** `ownBytes`: how long the values of attributes of our own may be. */
  constructor(notes: Notes, maximum: number = limits.attributes, ownBytes: number = limits.contentBytes) {
    this.notes = notes;
    this.maximum = maximum;
    this.ownBytes = ownBytes;
  }

  /** Reads the KeyValue that starts at the cursor. A repeated key keeps its last value. */
  read(reader: WireReader): void {
    const outer = reader.enter();
    if (++this.entries > limits.attributeEntries) {
      this.notes.truncated = true;
      reader.leave(outer);
      return;
    }
    let key = '';
    let valueAt = -1;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === 10) key = this.key(reader);
      else if (tag === 18) {
        valueAt = reader.pos;
        reader.skip(tag);
      } else reader.skip(tag);
    }
    if (key !== '' && this.hasRoom(key)) {
      this.attributes[key] = valueAt < 0 ? '' : this.value(reader, valueAt, key);
    } else if (valueAt >= 0) {
      // Values that are dropped are still walked: their nesting decides whether the span is accepted.
      this.value(reader, valueAt, key);
    }
    reader.leave(outer);
  }

  private key(reader: WireReader): string {
    const length = reader.length();
    const start = reader.pos;
    reader.pos += length;
    if (length <= limits.keyBytes) return reader.buffer.toString('utf8', start, start + length);
    this.notes.truncated = true;
    return reader.buffer.toString('utf8', start, cutPoint(reader.buffer, start, limits.keyBytes));
  }

  private hasRoom(key: string): boolean {
    if (key in this.attributes) return true;
    if (ownAttributes.has(key)) {
      this.entries--;
      return true;
    }
    const room = mayBeLong(key) ? this.long++ < limits.contentAttributes : this.plain++ < this.maximum;
    if (!room) this.notes.truncated = true;
    return room;
  }

  private maxBytes(key: string): number {
    if (ownAttributes.has(key)) return this.ownBytes;
    return mayBeLong(key) ? limits.contentBytes : limits.valueBytes;
  }

  private value(reader: WireReader, at: number, key: string): string {
    const end = reader.pos;
    reader.pos = at;
    const text = readAnyValue(reader, this.maxBytes(key), this.notes);
    reader.pos = end;
    return text;
  }
}

/** The AnyValue at the cursor as canonical text of at most `maxBytes`: strings as they are, the rest as JSON writes it. */
export function readAnyValue(reader: WireReader, maxBytes: number, notes: Notes): string {
  const outer = reader.enter();
  let text = '';
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) text = readCutString(reader, maxBytes, notes);
    else text = readScalarOrNested(reader, tag, maxBytes, notes) ?? text;
  }
  reader.leave(outer);
  return text;
}

/** A field of an AnyValue that is no string, as canonical text; undefined for fields nobody knows, which are skipped. */
export function readScalarOrNested(
  reader: WireReader,
  tag: number,
  maxBytes: number,
  notes: Notes,
): string | undefined {
  if (tag === 58) return cutNoted(reader.bytes().toString('base64'), maxBytes, notes);
  if (tag === 42 || tag === 50) {
    return cutNoted(readNested(reader, tag, 1, { chars: maxBytes }), maxBytes, notes);
  }
  return readScalar(reader, tag);
}

function readCutString(reader: WireReader, maxBytes: number, notes: Notes): string {
  const length = reader.length();
  const start = reader.pos;
  reader.pos += length;
  if (length <= maxBytes) return reader.buffer.toString('utf8', start, start + length);
  notes.truncated = true;
  return reader.buffer.toString('utf8', start, cutPoint(reader.buffer, start, maxBytes));
}

function cutNoted(text: string, maxBytes: number, notes: Notes): string {
  const cut = cutText(text, maxBytes);
  if (cut.length < text.length) notes.truncated = true;
  return cut;
}

/** Booleans and numbers; anything else is skipped and gives undefined. */
function readScalar(reader: WireReader, tag: number): string | undefined {
  if (tag === 16) return reader.uint32() === 0 ? 'false' : 'true';
  if (tag === 24) return reader.int64Text();
  if (tag === 33) return String(reader.double());
  reader.skip(tag);
  return undefined;
}

/**
 * What may still be added to one value's text. Beyond it nothing is read any more: a value of a million parts is cut to a
 * few thousand characters anyway.
 */
interface Room {
  chars: number;
}

/** One AnyValue inside an array or map, as JSON text. Integers keep all their digits; NaN and infinities are strings. */
function readJson(reader: WireReader, depth: number, room: Room): string {
  if (depth > limits.nesting) throw nestedTooDeep;
  const outer = reader.enter();
  let json = 'null';
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) json = JSON.stringify(readPart(reader, room).toString());
    else if (tag === 58) json = JSON.stringify(readPart(reader, room).toString('base64'));
    else if (tag === 42 || tag === 50) json = readNested(reader, tag, depth, room);
    else if (tag === 33) {
      const value = reader.double();
      json = Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
    } else json = readScalar(reader, tag) ?? json;
  }
  reader.leave(outer);
  return json;
}

/** Bytes of which no more than what there is room for has to be turned into text; the text is cut there later. */
function readPart(reader: WireReader, room: Room): Buffer {
  const bytes = reader.bytes();
  const enough = Math.max(0, room.chars) * 4 + 4;
  return bytes.length <= enough ? bytes : bytes.subarray(0, cutPoint(bytes, 0, enough));
}

/** ArrayValue (tag 42) or KeyValueList (tag 50), both `repeated … values = 1`. `depth` counts the values above. */
function readNested(reader: WireReader, tag: number, depth: number, room: Room): string {
  const outer = reader.enter();
  const items: string[] = [];
  const members = new Map<string, string>();
  while (reader.more && room.chars >= 0) {
    const inner = reader.uint32();
    if (inner !== 10) reader.skip(inner);
    else if (tag === 42) {
      const before = room.chars;
      const item = readJson(reader, depth + 1, room);
      items.push(item);
      room.chars = before - item.length - 1;
    } else readMember(reader, depth + 1, members, room);
  }
  reader.leave(outer);
  if (tag === 42) return `[${items.join(',')}]`;
  return `{${[...members].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

function readMember(reader: WireReader, depth: number, members: Map<string, string>, room: Room): void {
  const before = room.chars;
  const outer = reader.enter();
  let key = '';
  let json = 'null';
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) key = readPart(reader, room).toString();
    else if (tag === 18) json = readJson(reader, depth, room);
    else reader.skip(tag);
  }
  reader.leave(outer);
  members.set(key, json);
  room.chars = before - key.length - json.length - 4;
}
