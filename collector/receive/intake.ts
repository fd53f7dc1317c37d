import { type Redactor, redactNothing } from '#store/redact/redactor.ts';
import { inTurns } from '../event-loop.ts';
import type { CrashPoint } from '../hooks.ts';
import { decodeMetrics, type Encoding } from '../otlp/decode.ts';
import { convertJson } from '../otlp/json.ts';
import { readLogs } from '../otlp/logs.ts';
import type { Signal } from '../otlp/proto.ts';
import type { DecodeContext, Rejection } from '../otlp/request.ts';
import { rewriteRequest } from '../otlp/rewrite.ts';
import { readTraces } from '../otlp/traces.ts';
import { redactRequest } from '../redact/request.ts';
import { type DescribedSpan, describeOneLog, describeOneSpan, type Reading } from '../settle/described.ts';
import type { Span } from '../telemetry.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import { BodyTooLarge } from './body.ts';
import { countItems } from './count-items.ts';
import { scanTraces } from './scan-traces.ts';
import { logVerdicts, spanVerdicts } from './verdicts.ts';

export interface IntakeOptions {
  /** Makes a record durable; resolves after fdatasync with a hold on its segment. */
  append: (record: WalRecord) => Promise<WalPosition>;
  /** Takes over what is durable, with the hold. */
  accept: (record: WalRecord, position: WalPosition) => void;
  /** Resolves when more can be taken, soon in any case. */
  room: () => Promise<void>;
  onRejected: (signal: Signal, projectId: string, rejected: Rejection[]) => void;
  readingFor: (projectId: string) => Reading;
  /** Takes private values out before anything else is made of a request; asked once per request. Default: nothing is. */
  redactor?: () => Redactor;
  retentionDays: number;
  /** Spans, records or points in one request; beyond it the request is too large. */
  maxItems: number;
  /** Of one request as protobuf, however it came and whatever we add to it. */
  maxBytes: number;
  crashPoint?: CrashPoint;
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
  /** How many are accepted. */
  items: number;
  rejected: Rejection[];
  /** Makes what goes to disk, when that is not what the sender sent. */
  rewrite: Generator<void, Uint8Array> | null;
}

/**
 * The way of every request, whatever it came in by: take private values out, refuse bad items one by one, take content off
 * where it must not be kept, write to the log, and only then answer. Most need none of that, which one look at their bytes
 * tells. What they say is read later, from the log. Resolves with what was refused when the rest is on stable storage.
 * Throws MalformedBody, BodyTooLarge, TooManyItems, WalFull or an I/O error when nothing was accepted.
 */
export function createIntake(options: IntakeOptions): Receive {
  return async ({ signal, encoding, body, projectId }) => {
    const receivedAtMs = options.now();
    const ctx: DecodeContext = { projectId, receivedAtMs, retentionDays: options.retentionDays };
    const sent = encoding === 'json' ? await inTurns(convertJson(signal, body)) : body;
    checkSize(sent, options);
    checkItems(signal, sent, options);
    await options.crashPoint?.('decoding');
    const { record, rejected } = await examine(signal, sent, ctx, options);
    if (record.items > 0) {
      await options.room();
      options.accept(record, await options.append(record));
    }
    if (rejected.length > 0) options.onRejected(signal, projectId, rejected);
    return rejected;
  };
}

/** What of a request goes to disk, and what is refused. */
async function examine(
  signal: Signal,
  sent: Uint8Array,
  ctx: DecodeContext,
  options: IntakeOptions,
): Promise<{ record: WalRecord; rejected: Rejection[] }> {
  const { projectId, receivedAtMs } = ctx;
  const reading = options.readingFor(projectId);
  const redactor = (options.redactor ?? nothing)();
  const head = { kind: signal, projectId, receivedAtMs };
  if (signal === 'traces') {
    const items = await inTurns(scanTraces(sent, redactor, ctx, reading.captureContent));
    if (items !== null) return { record: { ...head, items, reencoded: false, payload: sent }, rejected: [] };
  }
  const redacted = await inTurns(redactRequest(signal, sent, redactor));
  const protobuf = checkSize(redacted, options);
  const { items, rejected, rewrite } = await decode(signal, protobuf, ctx, reading);
  const rewritten = rewrite && checkSize(await inTurns(rewrite), options);
  const payload = rewritten ?? protobuf;
  return { record: { ...head, items, reencoded: rewritten !== null, payload }, rejected };
}

const nothing = () => redactNothing;

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

async function decode(
  signal: Signal,
  body: Uint8Array,
  ctx: DecodeContext,
  reading: Reading,
): Promise<Decoded> {
  if (signal === 'traces') return decodeSpans(body, ctx, reading);
  if (signal === 'logs') return decodeLogs(body, ctx, reading);
  const { points, rejected } = decodeMetrics(body, 'protobuf', ctx);
  // Points carry no content, and decoding the same bytes refuses the same points again.
  return { items: points.length, rejected, rewrite: null };
}

async function decodeSpans(body: Uint8Array, ctx: DecodeContext, reading: Reading): Promise<Decoded> {
  const { spans, rejected, refused } = await inTurns(readTraces(body, ctx));
  // With its content a request stays as it came, unless something was refused, which must not be there when it is read back.
  const stripped = reading.captureContent ? null : await inTurns(describeSpans(spans, reading));
  const verdict = stripped || refused.size > 0 ? spanVerdicts(spans, stripped, refused) : null;
  return { items: spans.length, rejected, rewrite: verdict && rewriteRequest('traces', body, verdict) };
}

function* describeSpans(spans: readonly Span[], reading: Reading): Generator<void, DescribedSpan[]> {
  const described: DescribedSpan[] = [];
  for (const span of spans) {
    described.push(describeOneSpan(span, reading));
    if (described.length % spansPerStep === 0) yield;
  }
  return described;
}

const spansPerStep = 64;

function decodeLogs(body: Uint8Array, ctx: DecodeContext, reading: Reading): Decoded {
  const { logs, rejected, refused } = readLogs(body, ctx);
  const stripped = reading.captureContent ? null : logs.map(log => describeOneLog(log, reading));
  const verdict = logVerdicts(logs, stripped, refused);
  return { items: logs.length, rejected, rewrite: verdict && rewriteRequest('logs', body, verdict) };
}
