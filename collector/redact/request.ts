import type { Redactor } from '#store/redact/redactor.ts';
import { type AttributeKey, keyOfBytes, trait } from '../otlp/attribute-key.ts';
import { cutPoint, limits } from '../otlp/limits.ts';
import { PlainAttribute, plainTag } from '../otlp/plain-attribute.ts';
import type { Signal } from '../otlp/proto.ts';
import { WireReader } from '../otlp/wire.ts';
import { isContentKey, isSecretKey } from '../request/content-keys.ts';
import { isHarmless, noteHarmless } from './harmless.ts';
import { type FieldShape, type MessageShape, requestShape } from './shapes.ts';

/**
 * An OTLP request with every private value replaced, before anything else is made of it: what nobody reads (trace states,
 * attributes beyond the limits, the rest of a text that is cut) goes to disk with the request and would be found there as
 * well. The same bytes when nothing was found. Yields between pieces of work. Throws MalformedBody.
 */
export function* redactRequest(
  signal: Signal,
  protobuf: Uint8Array,
  redactor: Redactor,
): Generator<void, Uint8Array> {
  if (redactor.isOff) return protobuf;
  const reader = new WireReader(protobuf);
  const work = new Rewriting(reader, redactor);
  const parts = yield* work.container(requestShape(signal), levelsAboveItems - 1);
  return parts === null ? protobuf : Buffer.concat(parts);
}

/** Messages on the way to a span, a log record or a metric, which are rewritten one in a step. */
const levelsAboveItems = 3;

/** Longer texts are cut before they are looked through; the decoder cuts them to half of that. */
export const maxTextBytes = 2 * limits.contentBytes;

/** Values nested deeper are refused by the decoder. */
const maxDepth = 4 * limits.nesting;

/** A field of a message, an attribute with content or with a secret, or another, of which a number is just a number. */
type Meaning = 'field' | 'content' | 'secret' | 'value';

const secretName = 'secret_key=';

const longestId = 16;
/** Too long for an id, as what it replaces was. */
const notAnId = new Uint8Array(longestId + 1);

/** Integers of fewer bytes have fewer than 14 digits, and are just numbers. */
export const tellingBytes = 7;

const stringTag = 10;
const integerTag = 24;
/** Of the value in a KeyValue. */
const valueTag = 18;

class Rewriting {
  private readonly reader: WireReader;
  private readonly redactor: Redactor;
  private readonly plain = new PlainAttribute();
  /** The attribute before the one that is read; its name says which is next. */
  private lastKey: AttributeKey | null = null;

  constructor(reader: WireReader, redactor: Redactor) {
    this.reader = reader;
    this.redactor = redactor;
  }

  /** The message up to the reader's end, or null when it stays as it is. */
  *container(shape: MessageShape, levels: number): Generator<void, Uint8Array[] | null> {
    const { reader } = this;
    const edits = new Edits(reader, reader.pos);
    const at: Place = { start: 0, edits, meaning: 'field', depth: 0, isNested: false };
    while (reader.more) {
      const start = reader.pos;
      at.start = start;
      const tag = reader.uint32();
      const field = shape.fields.get(tag >>> 3);
      if (levels > 0 && field?.kind === 'message' && isDelimited(tag)) {
        const outer = reader.enter();
        const parts = yield* this.container(field.shape, levels - 1);
        reader.leave(outer);
        if (parts) edits.replace(start, tag, parts);
      } else this.field(shape, tag, at);
      if (levels === 0) yield;
    }
    return edits.finish();
  }

  /**
   * A span or log record. Nearly all of what comes in is inside of here and nearly none of it changes, so each field is
   * asked at once, and nothing is made before one has to change.
   */
  private item(shape: MessageShape): Uint8Array[] | null {
    const { reader } = this;
    const from = reader.pos;
    let edits: Edits | null = null;
    this.lastKey = null;
    while (reader.more) {
      const start = reader.pos;
      const tag = reader.uint32();
      if (!isDelimited(tag)) {
        reader.skip(tag);
        continue;
      }
      const field = shape.fields.get(tag >>> 3);
      const outer = reader.enter();
      const parts = isAttribute(field) ? this.attribute(field.shape) : this.fieldOfItem(field);
      reader.leave(outer);
      if (parts === null) continue;
      edits ??= new Edits(reader, from);
      if (parts === 'nothing') edits.drop(start);
      else edits.replace(start, tag, parts);
    }
    return edits === null ? null : edits.finish();
  }

  private fieldOfItem(field: FieldShape | undefined): Uint8Array[] | 'nothing' | null {
    return this.holdsNothing() ? null : this.delimited(field, inItem);
  }

  /** What replaces the attribute of an item up to the reader's end; null when it stays. */
  private attribute(shape: MessageShape): Uint8Array[] | null {
    const { plain, redactor, reader } = this;
    const { buffer, view, pos, end } = reader;
    if (!plain.find(buffer, pos, end)) return this.holdsNothing() ? null : this.message(shape, 'field', 2);
    const key = keyOfBytes(buffer, view, plain.keyFrom, plain.keyTo, this.lastKey);
    this.lastKey = key;
    const { tag, from, to } = plain;
    const isText = tag === plainTag.string;
    const mayBeNumber = tag === plainTag.integer && to - from >= tellingBytes;
    if (key.isSecret || mayBeNumber || (isText && to - from > maxTextBytes))
      return this.message(shape, 'field', 2);
    if (!isText || isHarmless(key, redactor, buffer, view, from, to)) return null;
    if (redactor.mayHoldBytes(buffer, from, to)) {
      const meaning = (key.traits & trait.content) === 0 ? 'value' : 'content';
      const text = buffer.toString('utf8', from, to);
      const redacted = this.redact(text, meaning);
      if (redacted !== text) return withValue(buffer.subarray(pos, plain.keyTo), Buffer.from(redacted));
    }
    noteHarmless(key, redactor, buffer, from, to);
    return null;
  }

  private message(shape: MessageShape, outer: Meaning, depth: number): Uint8Array[] | null {
    const { reader } = this;
    const meaning = this.meaningOf(shape, outer);
    const edits = new Edits(reader, reader.pos);
    const at: Place = { start: 0, edits, meaning, depth, isNested: outer !== 'field' };
    while (reader.more) {
      at.start = reader.pos;
      this.field(shape, reader.uint32(), at);
    }
    return edits.finish();
  }

  private meaningOf({ role }: MessageShape, outer: Meaning): Meaning {
    // A value without a name is the body of a log record.
    if (role === 'value' && outer === 'field') return 'content';
    return role === 'attribute' && outer !== 'content' ? this.meaningOfAttribute() : outer;
  }

  private meaningOfAttribute(): Meaning {
    const { reader } = this;
    const start = reader.pos;
    let key = '';
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === stringTag) key = reader.string();
      else reader.skip(tag);
    }
    reader.pos = start;
    if (isContentKey(key)) return 'content';
    return isSecretKey(key) ? 'secret' : 'value';
  }

  private field(shape: MessageShape, tag: number, at: Place): void {
    const { reader } = this;
    if (shape.role === 'value' && tag === integerTag) {
      const text = this.integer(at.meaning);
      if (text) at.edits.replace(at.start, stringTag, [text]);
    } else if (isDelimited(tag)) {
      const outer = reader.enter();
      const parts = this.delimited(shape.fields.get(tag >>> 3), at);
      reader.leave(outer);
      if (parts === 'nothing') at.edits.drop(at.start);
      else if (parts) at.edits.replace(at.start, tag, parts);
    } else reader.skip(tag);
  }

  /** What replaces a length-delimited field; null when it stays. */
  private delimited(field: FieldShape | undefined, at: Where): Uint8Array[] | 'nothing' | null {
    const { reader } = this;
    if (field?.kind === 'packed') return null;
    if (field?.kind === 'message' && at.depth > 0 && at.depth < maxDepth) {
      // Of an item that may hold something, most attributes surely do not. Asked once on the way to a value, since what is
      // nested may be nested deep.
      return isAttribute(field) && at.meaning === 'field' && this.holdsNothing()
        ? null
        : this.message(field.shape, at.meaning, at.depth + 1);
    }
    if (field?.kind === 'message' && at.depth === 0 && field.shape.role === 'other')
      return this.item(field.shape);
    if (field?.kind === 'text' && at.meaning === 'secret') return this.string(at.meaning);
    if (this.holdsNothing()) return null;
    if (field?.kind === 'message' && at.depth === 0) return this.message(field.shape, at.meaning, 1);
    if (field?.kind === 'text') return this.string(at.meaning);
    if (field?.kind === 'name') return at.isNested ? this.string('field') : null;
    if (field?.kind === 'id') return reader.end - reader.pos > longestId ? [notAnId] : null;
    // Not known here, so it is read by nobody.
    return 'nothing';
  }

  /** Whether what is up to the reader's end stays for sure: a longer text is cut. */
  private holdsNothing(): boolean {
    const { buffer, pos, end } = this.reader;
    return end - pos <= maxTextBytes && !this.redactor.mayHoldBytes(buffer, pos, end);
  }

  /** The string up to the reader's end, when it has to change. */
  private string(meaning: Meaning): Uint8Array[] | null {
    const { buffer, pos, end } = this.reader;
    const cut = end - pos > maxTextBytes ? cutPoint(buffer, pos, maxTextBytes) : end;
    const text = buffer.toString('utf8', pos, cut);
    const redacted = this.redact(text, meaning);
    return redacted === text && cut === end ? null : [Buffer.from(redacted)];
  }

  private integer(meaning: Meaning): Buffer | null {
    const from = this.reader.pos;
    const value = this.reader.int64();
    if (this.reader.pos - from < tellingBytes) return null;
    const text = value.toString();
    const redacted = this.redact(text, meaning);
    return redacted === text ? null : Buffer.from(redacted);
  }

  private redact(text: string, meaning: Meaning): string {
    if (meaning === 'secret') return this.redactor.text(secretName + text).slice(secretName.length);
    return meaning === 'value' ? this.redactor.value(text) : this.redactor.text(text);
  }
}

interface Where {
  meaning: Meaning;
  depth: number;
  /** Inside of the value of an attribute, where names of members are data. */
  isNested: boolean;
}

interface Place extends Where {
  /** Offset of the field's tag. */
  start: number;
  edits: Edits;
}

const inItem: Where = { meaning: 'field', depth: 1, isNested: false };

const isDelimited = (tag: number) => (tag & 7) === 2;
const isAttribute = (field: FieldShape | undefined): field is FieldShape & { kind: 'message' } =>
  field?.kind === 'message' && field.shape.role === 'attribute';

/** A KeyValue with a text, behind the bytes of its name. */
function withValue(name: Uint8Array, text: Uint8Array): Uint8Array[] {
  const inner = varints(stringTag, text.length);
  return [name, varints(valueTag, inner.length + text.length), inner, text];
}

/** What becomes of one message: pieces of the original, and what replaces the rest. */
class Edits {
  private readonly reader: WireReader;
  /** Null while nothing has changed, as nearly always. */
  private parts: Uint8Array[] | null = null;
  private copied: number;

  /** `from`: where the message begins. */
  constructor(reader: WireReader, from: number) {
    this.reader = reader;
    this.copied = from;
  }

  /** Puts a length-delimited field in the place of what the reader has just read. */
  replace(start: number, tag: number, parts: readonly Uint8Array[]): void {
    const own = this.drop(start);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    own.push(varints(tag, length));
    for (const part of parts) own.push(part);
  }

  drop(start: number): Uint8Array[] {
    this.parts ??= [];
    if (start > this.copied) this.parts.push(this.reader.buffer.subarray(this.copied, start));
    this.copied = this.reader.pos;
    return this.parts;
  }

  /** The parts of the changed message, or null when nothing changed. */
  finish(): Uint8Array[] | null {
    const { buffer, end } = this.reader;
    if (this.parts !== null && end > this.copied) this.parts.push(buffer.subarray(this.copied, end));
    return this.parts;
  }
}

function varints(...values: number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}
