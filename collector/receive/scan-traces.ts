import type { Redactor } from '#store/redact/redactor.ts';
import { type AttributeKey, keyOfBytes, trait } from '../otlp/attribute-key.ts';
import { limits } from '../otlp/limits.ts';
import { PlainAttribute, plainTag } from '../otlp/plain-attribute.ts';
import type { DecodeContext } from '../otlp/request.ts';
import { MalformedBody, WireReader } from '../otlp/wire.ts';
import { isHarmless, noteHarmless } from '../redact/harmless.ts';
import { maxTextBytes, tellingBytes } from '../redact/request.ts';
import { isContentKey, isSecretKey } from '../request/content-keys.ts';

/**
 * How many spans an ExportTraceServiceRequest in protobuf holds, when it may go to disk byte for byte: each of them will be
 * accepted, and redactRequest, readTraces and spanVerdicts would leave it as it is. Null when anything is out of the
 * ordinary, malformed bytes included: whoever asks then goes the long way, which knows what to do about it. One walk that
 * makes no object per span or attribute. Yields between pieces of work.
 *
 * A text is asked about in the same pieces, and with the same meaning, as in redact/request.ts, so that the answers agree.
 */
export function* scanTraces(
  body: Uint8Array,
  redactor: Redactor,
  ctx: DecodeContext,
  capturesContent: boolean,
): Generator<void, number | null> {
  try {
    return yield* new Scan(body, redactor, ctx, capturesContent).request();
  } catch (error) {
    if (error instanceof MalformedBody) return null;
    throw error;
  }
}

/** Whichever is more: about a millisecond. */
const spansPerStep = 128;
const bytesPerStep = 256 * 1024;
const traceIdBytes = 16;
const spanIdBytes = 8;
/** The redactor shortens what is longer. */
const longestLinkId = 16;

/** Of events that are named so the parts of a message are content; see request/contents.ts. */
const messageEvent = Buffer.from('gen_ai.');

/** Field numbers with wire types, by message; those of an AnyValue that are not in plainTag. */
const requestTag = { resourceSpans: 10 } as const;
const resourceSpansTag = { resource: 10, scopeSpans: 18, schemaUrl: 26 } as const;
const resourceTag = { attribute: 10 } as const;
const scopeSpansTag = { scope: 10, span: 18, schemaUrl: 26 } as const;
const scopeTag = { name: 10, version: 18, attribute: 26 } as const;
const spanTag = {
  traceId: 10,
  spanId: 18,
  traceState: 26,
  parentSpanId: 34,
  name: 42,
  startTime: 57,
  attribute: 74,
  event: 90,
  link: 106,
  status: 122,
} as const;
const eventTag = { name: 18, attribute: 26 } as const;
const linkTag = { traceId: 10, spanId: 18, traceState: 26, attribute: 34 } as const;
const statusTag = { message: 18 } as const;
const keyValueTag = { key: 10, value: 18 } as const;
const valueTag = { list: 42, map: 50, bytes: 58 } as const;
/** What a message does not have; 0 may come as a tag, and is refused. */
const none = -1;
/** Of the items of a list or map. */
const itemTag = 10;

class Scan {
  private readonly reader: WireReader;
  private readonly redactor: Redactor;
  private readonly capturesContent: boolean;
  /** Attributes that need more than a look, by what their names say. */
  private readonly tellingTraits: number;
  private readonly oldestMs: number;
  private readonly plain = new PlainAttribute();
  /** The attribute before the one that is read; its name says which is next. */
  private lastKey: AttributeKey | null = null;

  constructor(body: Uint8Array, redactor: Redactor, ctx: DecodeContext, capturesContent: boolean) {
    this.reader = new WireReader(body);
    this.redactor = redactor;
    this.capturesContent = capturesContent;
    this.tellingTraits = trait.own | (capturesContent ? 0 : trait.content | trait.settings);
    this.oldestMs = ctx.receivedAtMs - ctx.retentionDays * 86_400_000;
  }

  *request(): Generator<void, number | null> {
    const { reader } = this;
    let spans = 0;
    let steppedAt = 0;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag !== requestTag.resourceSpans) {
        if (!this.other(tag)) return null;
        continue;
      }
      const outer = reader.enter();
      while (reader.more) {
        const inner = reader.uint32();
        if (inner !== resourceSpansTag.scopeSpans) {
          if (!this.fieldOfResourceSpans(inner)) return null;
          continue;
        }
        const outerScope = reader.enter();
        while (reader.more) {
          const item = reader.uint32();
          if (item !== scopeSpansTag.span) {
            if (!this.fieldOfScopeSpans(item)) return null;
          } else if (!this.span()) return null;
          else if (++spans % spansPerStep === 0 || reader.pos - steppedAt > bytesPerStep) {
            steppedAt = reader.pos;
            yield;
          }
        }
        reader.leave(outerScope);
      }
      reader.leave(outer);
    }
    return spans;
  }

  // Each of the following reads one field and says whether it may stay; when it may not, the walk ends.

  private fieldOfResourceSpans(tag: number): boolean {
    if (tag === resourceSpansTag.schemaUrl) return this.text();
    return tag === resourceSpansTag.resource ? this.described(resourceTag.attribute) : this.other(tag);
  }

  private fieldOfScopeSpans(tag: number): boolean {
    if (tag === scopeSpansTag.schemaUrl) return this.text();
    const { attribute, name, version } = scopeTag;
    return tag === scopeSpansTag.scope ? this.described(attribute, name, version) : this.other(tag);
  }

  private span(): boolean {
    const { reader } = this;
    const outer = reader.enter();
    let hasTraceId = false;
    let hasSpanId = false;
    let hasParent = false;
    let startNs = 0;
    this.lastKey = null;
    while (reader.more) {
      const tag = reader.uint32();
      switch (tag) {
        case spanTag.attribute:
          if (!this.attribute()) return false;
          break;
        case spanTag.traceId:
          if (hasTraceId || !this.id(traceIdBytes)) return false;
          hasTraceId = true;
          break;
        case spanTag.spanId:
          if (hasSpanId || !this.id(spanIdBytes)) return false;
          hasSpanId = true;
          break;
        case spanTag.parentSpanId:
          if (hasParent || !this.parentId()) return false;
          hasParent = true;
          break;
        case spanTag.startTime:
          startNs = this.timeNs();
          break;
        case spanTag.name:
        case spanTag.traceState:
          if (!this.text()) return false;
          break;
        case spanTag.status:
          if (!this.described(none, statusTag.message)) return false;
          break;
        case spanTag.event:
          if (!this.event()) return false;
          break;
        case spanTag.link:
          if (!this.link()) return false;
          break;
        default:
          if (!this.other(tag)) return false;
      }
    }
    reader.leave(outer);
    return hasTraceId && hasSpanId && startNs !== 0 && startNs / 1e6 >= this.oldestMs;
  }

  private event(): boolean {
    const { reader } = this;
    const outer = reader.enter();
    this.lastKey = null;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === eventTag.attribute) {
        if (!this.attribute()) return false;
      } else if (!(tag === eventTag.name ? this.eventName() : this.other(tag))) return false;
    }
    reader.leave(outer);
    return true;
  }

  private eventName(): boolean {
    const { reader } = this;
    const length = reader.length();
    const from = reader.pos;
    reader.pos += length;
    if (!this.stays(from, reader.pos, true)) return false;
    return this.capturesContent || reader.buffer.subarray(from, reader.pos).indexOf(messageEvent) !== 0;
  }

  private link(): boolean {
    const { reader } = this;
    const outer = reader.enter();
    this.lastKey = null;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === linkTag.traceId || tag === linkTag.spanId) {
        const length = reader.length();
        reader.pos += length;
        if (length > longestLinkId) return false;
      } else if (tag === linkTag.attribute) {
        if (!this.attribute()) return false;
      } else if (!(tag === linkTag.traceState ? this.text() : this.other(tag))) return false;
    }
    reader.leave(outer);
    return true;
  }

  /** A message of attributes and texts, by their tags. */
  private described(attribute: number, text: number = none, otherText: number = none): boolean {
    const { reader } = this;
    const outer = reader.enter();
    this.lastKey = null;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === attribute) {
        if (!this.attribute()) return false;
      } else if (!(tag === text || tag === otherText ? this.text() : this.other(tag))) return false;
    }
    reader.leave(outer);
    return true;
  }

  /** A field that nobody reads. */
  private other(tag: number): boolean {
    const { reader, redactor } = this;
    if ((tag & 7) !== 2) {
      reader.skip(tag);
      return true;
    }
    const length = reader.length();
    const from = reader.pos;
    reader.pos += length;
    if (tag >>> 3 === 0) return false;
    return (
      redactor.isOff || (length <= maxTextBytes && !redactor.mayHoldBytes(reader.buffer, from, reader.pos))
    );
  }

  private id(bytes: number): boolean {
    const { reader } = this;
    const length = reader.length();
    const from = reader.pos;
    reader.pos += length;
    if (length !== bytes) return false;
    for (let at = from; at < reader.pos; at++) if (reader.buffer[at] !== 0) return true;
    return false;
  }

  /** Without one it is a root, and zeros mean the same. */
  private parentId(): boolean {
    const { reader } = this;
    const length = reader.length();
    reader.pos += length;
    return length === 0 || length === spanIdBytes;
  }

  /** As the nearest number, as which the decoder compares it, and without a bigint. */
  private timeNs(): number {
    const { reader } = this;
    const low = reader.fixed32();
    return reader.fixed32() * 2 ** 32 + low;
  }

  private attribute(): boolean {
    const { plain, reader } = this;
    const outer = reader.enter();
    const isPlain = plain.find(reader.buffer, reader.pos, reader.end);
    const stays = isPlain ? this.plainAttribute() : this.nestedAttribute();
    reader.leave(outer);
    return stays;
  }

  private plainAttribute(): boolean {
    const { plain, reader, redactor } = this;
    const { buffer, view } = reader;
    const { tag, from, to } = plain;
    const key = keyOfBytes(buffer, view, plain.keyFrom, plain.keyTo, this.lastKey);
    this.lastKey = key;
    if (!this.isOrdinary(key)) return false;
    if (tag === plainTag.integer) {
      reader.pos = from;
      return this.integer(isContent(key));
    }
    if (tag !== plainTag.string || isHarmless(key, redactor, buffer, view, from, to)) return true;
    if (!this.stays(from, to, isContent(key))) return false;
    noteHarmless(key, redactor, buffer, from, to);
    return true;
  }

  /** A list, a map, a long text, and whatever else is a name and then one value; the rest is rare. */
  private nestedAttribute(): boolean {
    const { reader, redactor } = this;
    const { buffer, view } = reader;
    if (!reader.more || reader.uint32() !== keyValueTag.key) return false;
    const length = reader.length();
    const keyFrom = reader.pos;
    reader.pos += length;
    if (length === 0 || length > limits.keyBytes) return false;
    const key = keyOfBytes(buffer, view, keyFrom, reader.pos, this.lastKey);
    this.lastKey = key;
    if (!this.isOrdinary(key) || !this.isLastValue()) return false;
    const { pos, end } = reader;
    if (isHarmless(key, redactor, buffer, view, pos, end, 'harmlessNested')) return true;
    if (!this.value(1, isContent(key))) return false;
    noteHarmless(key, redactor, buffer, pos, end, 'harmlessNested');
    return true;
  }

  private isOrdinary({ isSecret, traits }: AttributeKey): boolean {
    return (traits & this.tellingTraits) === 0 && (!isSecret || this.redactor.isOff);
  }

  /** Narrows the reader to the value that starts here and ends with its KeyValue. */
  private isLastValue(): boolean {
    const { reader } = this;
    return reader.more && reader.uint32() === keyValueTag.value && reader.enter() === reader.end;
  }

  /** The AnyValue up to the reader's end. `depth` as the decoder counts. */
  private value(depth: number, inContent: boolean): boolean {
    const { reader } = this;
    if (depth > limits.nesting) return false;
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === plainTag.boolean || tag === plainTag.double) reader.skip(tag);
      else if (tag === plainTag.string || tag === valueTag.bytes) {
        if (!this.text(inContent)) return false;
      } else if (tag === plainTag.integer) {
        if (!this.integer(inContent)) return false;
      } else if (tag === valueTag.list || tag === valueTag.map) {
        if (!this.nested(tag, depth + 1, inContent)) return false;
      } else return false;
    }
    return true;
  }

  /** An ArrayValue or a KeyValueList. */
  private nested(tag: number, depth: number, inContent: boolean): boolean {
    const { reader } = this;
    const outer = reader.enter();
    while (reader.more) {
      if (reader.uint32() !== itemTag) return false;
      const outerItem = reader.enter();
      const stays = tag === valueTag.list ? this.value(depth, inContent) : this.member(depth, inContent);
      if (!stays) return false;
      reader.leave(outerItem);
    }
    reader.leave(outer);
    return true;
  }

  private member(depth: number, inContent: boolean): boolean {
    const { reader } = this;
    if (!reader.more || reader.uint32() !== keyValueTag.key) return false;
    const length = reader.length();
    const from = reader.pos;
    reader.pos += length;
    // Names of members are data.
    if (!this.stays(from, reader.pos, true) || !this.isLastValue()) return false;
    const name = reader.buffer.toString('utf8', from, from + length);
    return !isSecretKey(name) && this.value(depth, inContent || isContentKey(name));
  }

  /** An int64. Few digits are just a number. */
  private integer(inContent: boolean): boolean {
    const { reader, redactor } = this;
    const from = reader.pos;
    reader.skip(plainTag.integer);
    if (reader.pos - from < tellingBytes || redactor.isOff) return true;
    reader.pos = from;
    const text = reader.int64().toString();
    return (inContent ? redactor.text(text) : redactor.value(text)) === text;
  }

  private text(inContent = true): boolean {
    const { reader } = this;
    const length = reader.length();
    const from = reader.pos;
    reader.pos += length;
    return this.stays(from, reader.pos, inContent);
  }

  /** Whether the redactor would leave the text there as it is. */
  private stays(from: number, to: number, inContent: boolean): boolean {
    const { reader, redactor } = this;
    if (redactor.isOff) return true;
    if (to - from > maxTextBytes) return false;
    if (!redactor.mayHoldBytes(reader.buffer, from, to)) return true;
    const text = reader.buffer.toString('utf8', from, to);
    return (inContent ? redactor.text(text) : redactor.value(text)) === text;
  }
}

const isContent = ({ traits }: AttributeKey) => (traits & trait.content) !== 0;
