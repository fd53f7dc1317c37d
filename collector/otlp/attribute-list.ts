import type { Attributes } from '../telemetry.ts';
import { type AttributeKey, keyOfBytes, trait } from './attribute-key.ts';
import { emptyAttributes, type Notes, readScalarOrNested } from './attributes.ts';
import { cutPoint, limits } from './limits.ts';
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
  readonly keys: AttributeKey[] = [];
  /** Where the bytes of a string value begin and end; -1 and an index into `texts` for any other value. */
  starts: Int32Array;
  ends: Int32Array;
  readonly texts: string[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const likely = 16 + Math.ceil(bytes.length / usualBytes);
    this.starts = new Int32Array(likely);
    this.ends = new Int32Array(likely);
  }

  /** Makes an entry, with an empty value, and returns its number. */
  add(key: AttributeKey): number {
    const entry = this.keys.length;
    this.keys.push(key);
    if (entry === this.starts.length) {
      this.starts = grown(this.starts);
      this.ends = grown(this.ends);
    }
    return entry;
  }

  get length(): number {
    return this.keys.length;
  }

  /** The value of an entry as canonical text. */
  text(entry: number): string {
    const start = this.starts[entry]!;
    return start < 0 ? this.texts[this.ends[entry]!]! : textOf(this.bytes, start, this.ends[entry]!);
  }
}

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
  for (let entry = from; entry < to; entry++) attributes[list.keys[entry]!.text] = list.text(entry);
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
  private plain = 0;
  private long = 0;
  private traits = 0;
  private last: AttributeKey | null = null;
  private notes: Notes = { truncated: false };

  /** `ownBytes`: how long the values of attributes of our own may be. */
  constructor(list: AttributeList, ownBytes: number) {
    this.list = list;
    this.ownBytes = ownBytes;
  }

  begin(notes: Notes): void {
    this.serial = ++spans;
    this.from = this.list.length;
    this.entries = 0;
    this.plain = 0;
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
    const key = keyOfBytes(reader.buffer, start, end, this.last);
    this.last = key;
    return key;
  }

  private add(reader: WireReader, key: AttributeKey | null, valueAt: number): void {
    const { list } = this;
    let entry = -1;
    if (key !== null) {
      entry = this.entryOf(key);
      if (entry >= 0) {
        // Its last value counts.
      } else if (key.isLong ? this.hasRoomForLong(key) : this.plain++ < limits.attributes) {
        key.seenBy = this.serial;
        key.entry = entry = list.add(key);
        this.traits |= key.traits;
      } else this.notes.truncated = true;
    }
    if (valueAt < 0) {
      if (entry >= 0) list.starts[entry] = list.ends[entry] = 0;
      return;
    }
    const end = reader.pos;
    reader.pos = valueAt;
    // Values that are dropped are still walked: their nesting decides whether the span is accepted.
    this.value(reader, entry, key?.isLong ? this.longBytes(key) : limits.valueBytes);
    reader.pos = end;
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
    const { keys } = this.list;
    for (let entry = this.from; entry < keys.length; entry++)
      if (keys[entry]!.text === key.text) return entry;
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
      start = -1;
      end = list.texts.length;
      list.texts.push(text);
    }
    reader.leave(outer);
    if (entry < 0) return;
    list.starts[entry] = start;
    list.ends[entry] = end;
  }
}
