import { Buffer } from 'node:buffer';
import type { Attributes } from '../telemetry.ts';
import { type AttributeKey, keyOfBytes, trait } from './attribute-key.ts';
import { cutPoint, limits } from './limits.ts';
import { WireReader } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** Attributes as they were decoded, and as they are to be: without some, or with other text. */
export interface AttributeEdit {
  before: Attributes;
  after: Attributes;
}

/** What becomes of a span or log record that is not kept as it came. */
export interface ItemEdit extends AttributeEdit {
  /** In the order of the span's events. Events beyond these, which the decoder does not read, go. */
  events: readonly AttributeEdit[];
  /** The new body of a log record; null when it stays. */
  body: string | null;
  /** Attributes of our own that are added. */
  notes: Attributes;
}

/** What becomes of an item: it stays byte for byte, goes, or is edited. */
export type Verdict = 'keep' | 'drop' | ItemEdit;

/** Tags on the way from a request to its items. */
const path = [10, 18, 18];
/** Tags inside of an item; 0 where it has none. */
const shapes = {
  traces: { attribute: 74, event: 90, body: 0 },
  logs: { attribute: 50, event: 0, body: 42 },
};
const eventAttribute = 26;

const itemsPerStep = 128;

/**
 * A request with only what may be kept of it; everything else stays byte for byte, with the types the sender gave. Asks
 * for the verdict on each item once, in the order in which the decoder read them. Yields between pieces of work.
 *
 * Attributes are known by the names the decoder gave them. Of those it did not read, because there were too many, the ones
 * that may hold content go as well.
 */
export function* rewriteRequest(
  signal: 'traces' | 'logs',
  request: Uint8Array,
  nextVerdict: () => Verdict,
): Generator<void, Uint8Array> {
  const work = new Rewriting(signal, new WireReader(request), nextVerdict);
  yield* work.level(0);
  return work.finish();
}

class Rewriting {
  private readonly reader: WireReader;
  private readonly writer: WireWriter;
  private readonly shape: { attribute: number; event: number; body: number };
  private readonly nextVerdict: () => Verdict;
  /** Everything before this offset has been copied or left out. */
  private done = 0;
  private kept = 0;
  private dropped = 0;

  constructor(signal: 'traces' | 'logs', reader: WireReader, nextVerdict: () => Verdict) {
    this.reader = reader;
    this.writer = new WireWriter(reader.buffer.length + 1024);
    this.shape = shapes[signal];
    this.nextVerdict = nextVerdict;
  }

  /** Goes through the message up to the reader's end, which has the items or what leads to them. */
  *level(depth: number): Generator<void> {
    const { reader } = this;
    while (reader.more) {
      const start = reader.pos;
      const tag = reader.uint32();
      if (tag !== path[depth]) reader.skip(tag);
      else if (depth < path.length - 1) yield* this.container(start, tag, depth);
      else {
        this.item(start, tag);
        if ((this.kept + this.dropped) % itemsPerStep === 0) yield;
      }
    }
  }

  finish(): Uint8Array {
    this.copyTo(this.reader.pos);
    return this.writer.finish();
  }

  /** What has lost all its items goes with them. */
  private *container(start: number, tag: number, depth: number): Generator<void> {
    const { reader, writer, kept, dropped } = this;
    this.copyTo(start);
    const mark = writer.size;
    const at = this.open(tag);
    const outer = reader.enter();
    this.done = reader.pos;
    yield* this.level(depth + 1);
    this.copyTo(reader.pos);
    writer.close(at);
    if (this.kept === kept && this.dropped > dropped) writer.cut(mark);
    reader.leave(outer);
  }

  private item(start: number, tag: number): void {
    const { reader } = this;
    const verdict = this.nextVerdict();
    if (verdict === 'drop') this.dropped++;
    else this.kept++;
    if (typeof verdict === 'object') this.edited(start, tag, verdict);
    else reader.skip(tag);
    if (verdict === 'drop') this.leaveOut(start);
  }

  private edited(start: number, tag: number, edit: ItemEdit): void {
    const { reader, writer, shape } = this;
    this.copyTo(start);
    const at = this.open(tag);
    const outer = reader.enter();
    this.done = reader.pos;
    // First, where no limit of the decoder is reached yet.
    for (const key in edit.notes) this.attribute(shape.attribute, key, edit.notes[key]!);
    if (edit.body !== null) this.text(shape.body, edit.body);
    this.fields(edit);
    this.copyTo(reader.pos);
    writer.close(at);
    reader.leave(outer);
  }

  private fields(edit: ItemEdit): void {
    const { reader, shape } = this;
    let last: AttributeKey | null = null;
    let attributes = 0;
    let events = 0;
    while (reader.more) {
      const start = reader.pos;
      const tag = reader.uint32();
      if (tag === shape.attribute) {
        last = this.editAttribute(start, tag, edit, last, ++attributes > limits.attributeEntries);
      } else if (tag === shape.event) this.event(start, tag, edit.events[events++]);
      else {
        reader.skip(tag);
        if (tag === shape.body && edit.body !== null) this.leaveOut(start);
      }
    }
  }

  private event(start: number, tag: number, edit: AttributeEdit | undefined): void {
    const { reader, writer } = this;
    if (edit === undefined) {
      reader.skip(tag);
      this.leaveOut(start);
      return;
    }
    this.copyTo(start);
    const at = this.open(tag);
    const outer = reader.enter();
    this.done = reader.pos;
    let last: AttributeKey | null = null;
    while (reader.more) {
      const from = reader.pos;
      const inner = reader.uint32();
      // An event that is a message has content in attributes of any name.
      if (inner === eventAttribute) last = this.editAttribute(from, inner, edit, last, true);
      else reader.skip(inner);
    }
    this.copyTo(reader.pos);
    writer.close(at);
    reader.leave(outer);
  }

  /** `isStrict`: what the decoder did not read goes, whatever its name is. */
  private editAttribute(
    start: number,
    tag: number,
    { before, after }: AttributeEdit,
    last: AttributeKey | null,
    isStrict: boolean,
  ): AttributeKey | null {
    const key = this.readKey(last);
    const name = key?.text ?? '';
    const text = after[name];
    if (key === null || (key.traits & trait.own) !== 0) this.leaveOut(start);
    else if (text === undefined) {
      if (isStrict || key.isLong || before[name] !== undefined) this.leaveOut(start);
    } else if (text !== before[name]) {
      this.leaveOut(start);
      this.attribute(tag, name, text);
    }
    return key;
  }

  /** The key of the attribute at the cursor, as the decoder reads it. */
  private readKey(last: AttributeKey | null): AttributeKey | null {
    const { reader } = this;
    const outer = reader.enter();
    let key: AttributeKey | null = null;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag !== 10) {
        reader.skip(tag);
        continue;
      }
      const length = reader.length();
      const start = reader.pos;
      reader.pos += length;
      const end = length > limits.keyBytes ? cutPoint(reader.buffer, start, limits.keyBytes) : reader.pos;
      key = length === 0 ? null : keyOfBytes(reader.buffer, reader.view, start, end, last);
    }
    reader.leave(outer);
    return key;
  }

  /** A KeyValue with a string. */
  private attribute(tag: number, key: string, value: string): void {
    const at = this.open(tag);
    this.writer.varint(10);
    this.writer.bytes(Buffer.from(key));
    this.text(18, value);
    this.writer.close(at);
  }

  /** A field whose value is an AnyValue with a string. */
  private text(tag: number, text: string): void {
    const at = this.open(tag);
    this.writer.varint(10);
    this.writer.bytes(Buffer.from(text));
    this.writer.close(at);
  }

  private open(tag: number): number {
    this.writer.varint(tag);
    return this.writer.open();
  }

  private copyTo(end: number): void {
    if (end > this.done) this.writer.copy(this.reader.buffer, this.done, end);
    this.done = end;
  }

  /** The field that began at `start` and was just read goes. */
  private leaveOut(start: number): void {
    this.copyTo(start);
    this.done = this.reader.pos;
  }
}
