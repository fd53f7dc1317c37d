import type { Span, SpanEvent, SpanLink } from '../telemetry.ts';
import { AttributeList, AttributeListReader } from './attribute-list.ts';
import { AttributeReader, NestedTooDeep, type Notes } from './attributes.ts';
import { DecodedSpan } from './decoded-span.ts';
import { flagsAttribute, limits } from './limits.ts';
import {
  type DecodeContext,
  isValidId,
  type Owner,
  ownBytes,
  type Rejection,
  Rejections,
  walkRequest,
} from './request.ts';
import { LastId, WireReader } from './wire.ts';

const lastTrace = new LastId();
const lastParent = new LastId();

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'] as const;

export const originalStartAttribute = 'driftline.original_start_time_unix_nano';

/**
 * The spans of an ExportTraceServiceRequest in protobuf, in steps; MalformedBody when the bytes are none. `refused` are the
 * places of those that are not among them, counted from 0 over all spans of the request.
 */
export function* readTraces(
  body: Uint8Array,
  ctx: DecodeContext,
): Generator<void, { spans: Span[]; rejected: Rejection[]; refused: ReadonlySet<number> }> {
  const spans: Span[] = [];
  const rejections = new Rejections();
  const refused = new Set<number>();
  const start = new WireReader(body);
  const attributes = new AttributeListReader(new AttributeList(start.buffer), ownBytes(ctx));
  yield* walkRequest(start, (reader, owner) => {
    const { span, problem } = readSpan(reader, attributes, owner, ctx);
    const reason = owner.tooDeep ? 'nested_too_deep' : (problem ?? findProblem(span, ctx));
    if (reason === undefined) spans.push(settleTimes(span, ctx));
    else {
      const sample = { trace_id: span.traceId, span_id: span.spanId, name: span.name.slice(0, 200) };
      refused.add(spans.length + refused.size);
      rejections.add(reason, owner.resource.service, sample);
    }
  });
  return { spans, rejected: rejections.list(), refused };
}

function readSpan(
  reader: WireReader,
  attributes: AttributeListReader,
  owner: Owner,
  ctx: DecodeContext,
): { span: DecodedSpan; problem: string | undefined } {
  const notes: Notes = { truncated: false };
  attributes.begin(notes);
  const span = new DecodedSpan(owner, ctx);
  const outer = reader.enter();
  const end = reader.end;
  let problem: string | undefined;
  try {
    readFields(reader, span, attributes, notes);
  } catch (error) {
    if (!(error instanceof NestedTooDeep)) throw error;
    problem = 'nested_too_deep';
    reader.end = end;
  }
  reader.leave(outer);
  span.range = attributes.end();
  if (ctx.reencoded) restoreFlags(span);
  if (notes.truncated && !span.flags.includes('truncated')) span.flags = [...span.flags, 'truncated'];
  return { span, problem };
}

function readFields(
  reader: WireReader,
  span: DecodedSpan,
  attributes: AttributeListReader,
  notes: Notes,
): void {
  while (reader.more) {
    const tag = reader.uint32();
    switch (tag) {
      case 10:
        span.traceId = reader.hex(lastTrace);
        break;
      case 18:
        span.spanId = reader.hex();
        break;
      case 34:
        span.parentSpanId = reader.hex(lastParent);
        break;
      case 42:
        span.name = reader.text();
        break;
      case 48:
        span.kind = kinds[reader.uint32()] ?? 'unspecified';
        break;
      case 57:
        span.startNs = reader.fixed64();
        break;
      case 65:
        span.endNs = reader.fixed64();
        break;
      case 74:
        attributes.read(reader);
        break;
      case 90:
        if (span.events.length === 0) span.events = [];
        if (hasRoom(span.events, limits.events, notes)) span.events.push(readEvent(reader, notes));
        else reader.skip(tag);
        break;
      case 106:
        if (span.links.length === 0) span.links = [];
        if (hasRoom(span.links, limits.links, notes)) span.links.push(readLink(reader, notes));
        else reader.skip(tag);
        break;
      case 122:
        readStatus(reader, span);
        break;
      default:
        reader.skip(tag);
    }
  }
}

function hasRoom(list: unknown[], maximum: number, notes: Notes): boolean {
  if (list.length < maximum) return true;
  notes.truncated = true;
  return false;
}

function readEvent(reader: WireReader, notes: Notes): SpanEvent {
  const outer = reader.enter();
  const attributes = new AttributeReader(notes, limits.eventAttributes);
  const event: SpanEvent = { timeNs: 0n, name: '', attributes: attributes.attributes };
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 9) event.timeNs = reader.fixed64();
    else if (tag === 18) event.name = reader.string();
    else if (tag === 26) attributes.read(reader);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return event;
}

function readLink(reader: WireReader, notes: Notes): SpanLink {
  const outer = reader.enter();
  const attributes = new AttributeReader(notes, limits.eventAttributes);
  const link: SpanLink = { traceId: '', spanId: '', attributes: attributes.attributes };
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) link.traceId = reader.hex();
    else if (tag === 18) link.spanId = reader.hex();
    else if (tag === 34) attributes.read(reader);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return link;
}

function readStatus(reader: WireReader, span: Span): void {
  const outer = reader.enter();
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 18) span.statusMessage = reader.string();
    else if (tag === 24) span.status = statuses[reader.uint32()] ?? 'unset';
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function findProblem(span: Span, ctx: DecodeContext): string | undefined {
  if (!isValidId(span.traceId, 32)) return 'invalid_trace_id';
  if (!isValidId(span.spanId, 16)) return 'invalid_span_id';
  if (span.parentSpanId === '') return findTimeProblem(span, ctx);
  if (span.parentSpanId.startsWith('0') && /^0*$/.test(span.parentSpanId)) span.parentSpanId = '';
  else if (!isValidId(span.parentSpanId, 16)) return 'invalid_parent_span_id';
  return findTimeProblem(span, ctx);
}

function findTimeProblem(span: Span, ctx: DecodeContext): string | undefined {
  if (span.startNs === 0n) return 'missing_start_time';
  if (isExpired(span.startNs, ctx)) return 'older_than_retention';
  return undefined;
}

export function isExpired(timeNs: bigint, ctx: DecodeContext): boolean {
  return Number(timeNs) / 1e6 < ctx.receivedAtMs - ctx.retentionDays * 86_400_000;
}

export function isFromTheFuture(timeNs: bigint, ctx: DecodeContext): boolean {
  return Number(timeNs) / 1e6 > ctx.receivedAtMs + limits.futureMs;
}

/** A start in the future moves to the receive time; a span never ends before it starts, nor long after it was received. */
function settleTimes(span: Span, ctx: DecodeContext): Span {
  if (isFromTheFuture(span.startNs, ctx)) {
    const receivedNs = BigInt(ctx.receivedAtMs) * 1_000_000n;
    span.attributes[originalStartAttribute] = span.startNs.toString();
    const durationNs = span.endNs - span.startNs;
    span.startNs = receivedNs;
    span.endNs = receivedNs + (durationNs > 0n ? durationNs : 0n);
    note(span, 'clock_skew');
  }
  if (span.endNs < span.startNs) {
    span.endNs = span.startNs;
    note(span, 'negative_duration');
  }
  return span;
}

function note(span: Span, flag: string): void {
  if (!span.flags.includes(flag)) span.flags = [...span.flags, flag];
}

function restoreFlags(span: Span): void {
  const flags = span.attributes[flagsAttribute];
  if (flags === undefined) return;
  delete span.attributes[flagsAttribute];
  span.flags = flags.split(',');
}
