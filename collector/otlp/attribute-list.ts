import type { Attributes } from '../telemetry.ts';
import { type AttributeKey, keyOfBytes, keyOfNumber, trait } from './attribute-key.ts';
import { emptyAttributes, type Notes, readScalarOrNested } from './attributes.ts';
import { KnownValue } from './known-bytes.ts';
import { cutPoint, limits } from './limits.ts';
import { PlainAttribute, plainTag } from './plain-attribute.ts';
import { textOf } from './texts.ts';
import type { WireReader } from './wire.ts';

/** Of an attribute with its share of the span. */
const usualBytes = 40;

/**
 * The attributes of all spans of one request, where they lie in its bytes: most values go to the store without ever
 * becoming text. Entries of a span are `from` to `to` of its AttributeRange.
 */
export class AttributeList {
  readonly bytes: Buffer;
  /** Numbers instead of the keys themselves are nothing that the garbage collector has to look at. */
  private keys: Int32Array;
  /** Keys that have no number. */
  private readonly others: AttributeKey[] = [];
  length = 0;
  /** Where the bytes of a string value begin and end; `otherValue` and an index into `texts`; `wholeNumber` and the number. */
  starts: Int32Array;
  ends: Int32Array;
  readonly texts: string[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const likely = 16 + Math.ceil(bytes.length / usualBytes);
    this.keys = new Int32Array(likely);
    this.starts = new Int32Array(likely);
    this.ends = new Int32Array(likely);
  }

  /** Makes an entry, with an empty value, and returns its number. */
  add(key: AttributeKey): number {
    const entry = this.length++;
    if (entry === this.starts.length) {
      this.keys = grown(this.keys);
      this.starts = grown(this.starts);
      this.ends = grown(this.ends);
    }
    this.keys[entry] = key.number >= 0 ? key.number : -this.others.push(key);
    return entry;
  }

  key(entry: number): AttributeKey {
    const number = this.keys[entry]!;
    return number >= 0 ? keyOfNumber(number) : this.others[-number - 1]!;
  }

  /** The value of an entry as canonical text. */
  text(entry: number): string {
    const start = this.starts[entry]!;
    const end = this.ends[entry]!;
    if (start >= 0) return textOf(this.bytes, start, end);
    return start === wholeNumber ? String(end) : this.texts[end]!;
  }

  addText(entry: number, text: string): void {
    this.starts[entry] = otherValue;
    this.ends[entry] = this.texts.length;
    this.texts.push(text);
  }
}

/** In `starts`: what the value is that does not lie in the bytes. */
export const otherValue = -1;
/** One from 0 to 2^31 - 1. */
export const wholeNumber = -2;
const tooLargeNumber = 2 ** 31;

/** Lists that come again and again, finish reasons above all, are short. */
const longestKnown = 64;

function grown(numbers: Int32Array): Int32Array {
  const larger = new Int32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}

/** The attributes of one span. */
export interface AttributeRange {
  list: AttributeList;
  from: number;
  to: number;
  /** The traits of all its keys together; see attribute-key.ts. */
  traits: number;
}

export function attributesOfRange({ list, from, to }: AttributeRange): Attributes {
  const attributes = emptyAttributes();
  for (let entry = from; entry < to; entry++) attributes[list.key(entry).text] = list.text(entry);
  return attributes;
}

let spans = 0;

/** Reads the attributes of one span after the other into a list, within the limits. */
export class AttributeListReader {
  private readonly list: AttributeList;
  private readonly ownBytes: number;
  private serial = 0;
  private from = 0;
  private entries = 0;
  private plainEntries = 0;
  private long = 0;
  private traits = 0;
  private last: AttributeKey | null = null;
  private notes: Notes = { truncated: false };
  private readonly plain = new PlainAttribute();

  /** `ownBytes`: how long the values of attributes of our own may be. */
  constructor(list: AttributeList, ownBytes: number) {
    this.list = list;
    this.ownBytes = ownBytes;
  }

  begin(notes: Notes): void {
    this.serial = ++spans;
    this.from = this.list.length;
    this.entries = 0;
    this.plainEntries = 0;
    this.long = 0;
    this.traits = 0;
    this.last = null;
    this.notes = notes;
  }

  /** What was read since `begin`. */
  end(): AttributeRange {
    return { list: this.list, from: this.from, to: this.list.length, traits: this.traits };
  }

  /** Reads the KeyValue at the cursor. A repeated key keeps its last value. */
  read(reader: WireReader): void {
    const outer = reader.enter();
    if (++this.entries > limits.attributeEntries) {
      this.notes.truncated = true;
      reader.leave(outer);
      return;
    }
    if (this.plain.find(reader.buffer, reader.pos, reader.end)) {
      this.addPlain(reader);
      reader.leave(outer);
      return;
    }
    let key: AttributeKey | null = null;
    let valueAt = -1;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === 10) key = this.key(reader);
      else if (tag === 18) {
        valueAt = reader.pos;
        reader.skip(tag);
      } else reader.skip(tag);
    }
    this.add(reader, key, valueAt);
    reader.leave(outer);
  }

  private addPlain({ buffer, view }: WireReader): void {
    const { plain, list } = this;
    const { tag, from, to } = plain;
    const key = keyOfBytes(buffer, view, plain.keyFrom, plain.keyTo, this.last);
    this.last = key;
    const entry = this.entryFor(key);
    if (entry < 0) return;
    if (tag === plainTag.string) {
      const maxBytes = key.isLong ? this.longBytes(key) : limits.valueBytes;
      list.starts[entry] = from;
      list.ends[entry] = to;
      if (to - from <= maxBytes) return;
      this.notes.truncated = true;
      list.ends[entry] = cutPoint(buffer, from, maxBytes);
      return;
    }
    if (tag === plainTag.double) {
      list.addText(entry, String(view.getFloat64(from, true)));
      return;
    }
    const value = smallVarint(buffer, from, to);
    if (tag === plainTag.boolean) list.addText(entry, value === 0 ? 'false' : 'true');
    else if (value >= tooLargeNumber) list.addText(entry, String(value));
    else {
      list.starts[entry] = wholeNumber;
      list.ends[entry] = value;
    }
  }

  private key(reader: WireReader): AttributeKey | null {
    const length = reader.length();
    const start = reader.pos;
    reader.pos += length;
    if (length === 0) return null;
    let end = reader.pos;
    if (length > limits.keyBytes) {
      this.notes.truncated = true;
      end = cutPoint(reader.buffer, start, limits.keyBytes);
    }
    const key = keyOfBytes(reader.buffer, reader.view, start, end, this.last);
    this.last = key;
    return key;
  }

  private add(reader: WireReader, key: AttributeKey | null, valueAt: number): void {
    const { list } = this;
    const entry = key === null ? -1 : this.entryFor(key);
    if (valueAt < 0) {
      if (entry >= 0) list.starts[entry] = list.ends[entry] = 0;
      return;
    }
    const end = reader.pos;
    const isKnowable = entry >= 0 && end - valueAt <= longestKnown && !this.notes.truncated;
    if (isKnowable && key?.lastNested?.isAt(reader.buffer, reader.view, valueAt, end)) {
      list.addText(entry, key.lastNested.text);
      return;
    }
    reader.pos = valueAt;
    // Values that are dropped are still walked: their nesting decides whether the span is accepted.
    this.value(reader, entry, key?.isLong ? this.longBytes(key) : limits.valueBytes);
    reader.pos = end;
    if (!isKnowable || !key?.isKept || this.notes.truncated || list.starts[entry] !== otherValue) return;
    key.lastNested = new KnownValue(reader.buffer, valueAt, end, list.text(entry));
  }

  /** Makes an entry of that name, or finds the one there is; -1 when there is no room for it. */
  private entryFor(key: AttributeKey): number {
    const known = this.entryOf(key);
    if (known >= 0) return known;
    if (!(key.isLong ? this.hasRoomForLong(key) : this.plainEntries++ < limits.attributes)) {
      this.notes.truncated = true;
      return -1;
    }
    const entry = this.list.add(key);
    key.seenBy = this.serial;
    key.entry = entry;
    this.traits |= key.traits;
    return entry;
  }

  private hasRoomForLong({ traits }: AttributeKey): boolean {
    if ((traits & trait.own) === 0) return this.long++ < limits.contentAttributes;
    this.entries--;
    return true;
  }

  private longBytes({ traits }: AttributeKey): number {
    return (traits & trait.own) === 0 ? limits.contentBytes : this.ownBytes;
  }

  /** Which entry of this span has the same name; -1 when none has. */
  private entryOf(key: AttributeKey): number {
    if (key.seenBy === this.serial) return key.entry;
    if (key.isKept) return -1;
    const { list } = this;
    for (let entry = this.from; entry < list.length; entry++)
      if (list.key(entry).text === key.text) return entry;
    return -1;
  }

  private value(reader: WireReader, entry: number, maxBytes: number): void {
    const { list } = this;
    const outer = reader.enter();
    let start = 0;
    let end = 0;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === 10) {
        const length = reader.length();
        start = reader.pos;
        reader.pos += length;
        end = reader.pos;
        if (length > maxBytes) {
          this.notes.truncated = true;
          end = cutPoint(reader.buffer, start, maxBytes);
        }
        continue;
      }
      const text = readScalarOrNested(reader, tag, maxBytes, this.notes);
      if (text === undefined) continue;
      start = otherValue;
      end = list.texts.length;
      list.texts.push(text);
    }
    reader.leave(outer);
    if (entry < 0) return;
    list.starts[entry] = start;
    list.ends[entry] = end;
  }
}

/** A varint of at most seven bytes. */
function smallVarint(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = to - 1; at >= from; at--) value = value * 128 + (bytes[at]! & 127);
  return value;
}
