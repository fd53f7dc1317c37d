import { decodeLogs, decodeMetrics, decodeTraces, type Encoding, toProtobuf } from '../otlp/decode.ts';
import { encodeLogs, encodeTraces } from '../otlp/encode.ts';
import type { Signal } from '../otlp/proto.ts';
import type { DecodeContext, Rejection } from '../otlp/request.ts';
import { type Batch, describeOneLog, describeOneSpan, itemsIn, type Reading } from '../settle/described.ts';
import { noteLog, noteSpan } from '../settle/notes.ts';
import type { Attributes, Span } from '../telemetry.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import { BodyTooLarge } from './body.ts';
import { countItems } from './count-items.ts';

export interface IntakeOptions {
  /** Makes a record durable; resolves after fdatasync with a hold on its segment. */
  append: (record: WalRecord) => Promise<WalPosition>;
  /** Takes over what is durable, with the hold. */
  accept: (batch: Batch, record: WalRecord, position: WalPosition) => void;
  onRejected: (signal: Signal, projectId: string, rejected: Rejection[]) => void;
  readingFor: (projectId: string) => Reading;
  retentionDays: number;
  /** Spans, records or points in one request; beyond it the request is too large. */
  maxItems: number;
  /** Of one request as protobuf, however it came and whatever we add to it. */
  maxBytes: number;
  now: () => number;
}

/** More items in one request than we take; the sender must not repeat it as it is. */
export class TooManyItems extends Error {
  override name = 'TooManyItems';
}

/** A request as its sender sent it, uncompressed. */
interface Received {
  signal: Signal;
  encoding: Encoding;
  body: Uint8Array;
  projectId: string;
}

export type Receive = (received: Received) => Promise<Rejection[]>;

interface Decoded {
  batch: Batch;
  rejected: Rejection[];
  /** The accepted items as they go to disk, when that is not what the sender sent. */
  reencode: (() => Uint8Array) | null;
}

/**
 * The way of every request, whatever it came in by: decode, refuse bad items one by one, take content off where it must
 * not be kept, write to the log, and only then answer. Resolves with what was refused when the rest is on stable storage.
 * Throws MalformedBody, BodyTooLarge, TooManyItems, WalFull or an I/O error when nothing was accepted.
 */
export function createIntake(options: IntakeOptions): Receive {
  return async ({ signal, encoding, body, projectId }) => {
    const receivedAtMs = options.now();
    const ctx: DecodeContext = { projectId, receivedAtMs, retentionDays: options.retentionDays };
    const protobuf = checkSize(toProtobuf(signal, body, encoding), options);
    checkItems(signal, protobuf, options);
    const { batch, rejected, reencode } = decode(signal, protobuf, ctx, options.readingFor(projectId));
    const items = itemsIn(batch);
    if (items > 0) {
      const record: WalRecord = {
        kind: signal,
        projectId,
        receivedAtMs,
        items,
        reencoded: reencode !== null,
        payload: reencode === null ? protobuf : checkSize(reencode(), options),
      };
      options.accept(batch, record, await options.append(record));
    }
    if (rejected.length > 0) options.onRejected(signal, projectId, rejected);
    return rejected;
  };
}

/** JSON may be shorter than the protobuf it means, and a record that is too long could not be read back. */
function checkSize(protobuf: Uint8Array, { maxBytes }: IntakeOptions): Uint8Array {
  if (protobuf.length > maxBytes) throw new BodyTooLarge(`the request is larger than ${maxBytes} bytes`);
  return protobuf;
}

/** Bad items count as well: refusing them one by one is as much work as taking them. */
function checkItems(signal: Signal, protobuf: Uint8Array, { maxItems }: IntakeOptions): void {
  if (countItems(signal, protobuf, maxItems) > maxItems) {
    throw new TooManyItems(`more than ${maxItems} items in one request`);
  }
}

function decode(signal: Signal, body: Uint8Array, ctx: DecodeContext, reading: Reading): Decoded {
  if (signal === 'traces') return readTraces(body, ctx, reading);
  if (signal === 'logs') return readLogs(body, ctx, reading);
  const { points, rejected } = decodeMetrics(body, 'protobuf', ctx);
  // Points carry no content, and decoding the same bytes refuses the same points again.
  return { batch: { projectId: ctx.projectId, spans: [], logs: [], points }, rejected, reencode: null };
}

function readTraces(body: Uint8Array, ctx: DecodeContext, reading: Reading): Decoded {
  const { spans, rejected } = decodeTraces(body, 'protobuf', ctx);
  const described = spans.map(span => describeOneSpan(span, reading));
  const isStripped = !reading.captureContent && described.some(({ span }, i) => hasLess(span, spans[i]!));
  const write = () => encodeTraces(isStripped ? described.map(noteSpan) : spans);
  return {
    batch: { projectId: ctx.projectId, spans: described, logs: [], points: [] },
    rejected,
    reencode: isStripped || rejected.length > 0 ? write : null,
  };
}

function readLogs(body: Uint8Array, ctx: DecodeContext, reading: Reading): Decoded {
  const { logs, rejected } = decodeLogs(body, 'protobuf', ctx);
  const described = logs.map(log => describeOneLog(log, reading));
  const isStripped =
    !reading.captureContent &&
    described.some(({ log }, i) => log.body !== logs[i]!.body || isLess(log.attributes, logs[i]!.attributes));
  const write = () => encodeLogs(isStripped ? described.map(noteLog) : logs);
  return {
    batch: { projectId: ctx.projectId, spans: [], logs: described, points: [] },
    rejected,
    reencode: isStripped || rejected.length > 0 ? write : null,
  };
}

/** Whether something was taken off the original. */
function hasLess(stripped: Span, original: Span): boolean {
  return (
    isLess(stripped.attributes, original.attributes) ||
    stripped.events.some((event, i) => isLess(event.attributes, original.events[i]!.attributes))
  );
}

function isLess(stripped: Attributes, original: Attributes): boolean {
  for (const key in original) if (stripped[key] !== original[key]) return true;
  return false;
}
