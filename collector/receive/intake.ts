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
import {
  type Batch,
  type DescribedSpan,
  describeOneLog,
  describeOneSpan,
  itemsIn,
  type Reading,
} from '../settle/described.ts';
import type { Span } from '../telemetry.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import { BodyTooLarge } from './body.ts';
import { countItems } from './count-items.ts';
import { logVerdicts, spanVerdicts } from './verdicts.ts';

export interface IntakeOptions {
  /** Makes a record durable; resolves after fdatasync with a hold on its segment. */
  append: (record: WalRecord) => Promise<WalPosition>;
  /** Takes over what is durable, with the hold. */
  accept: (batch: Batch, record: WalRecord, position: WalPosition) => void;
  /** Resolves when more can be taken, soon in any case. */
  room: () => Promise<void>;
  /** Gives back the hold of a record that nobody takes over. */
  release: (segment: number) => void;
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
  /** What is accepted, described as far as it had to be for writing it. */
  items: number;
  rejected: Rejection[];
  /** Makes what goes to disk, when that is not what the sender sent. */
  rewrite: Generator<void, Uint8Array> | null;
  /** The rest of the description, done while the disk is busy. */
  describe: () => Promise<Batch>;
}

/**
 * The way of every request, whatever it came in by: take private values out, decode, refuse bad items one by one, take
 * content off where it must not be kept, write to the log, and only then answer. Resolves with what was refused when the
 * rest is on stable storage.
 * Throws MalformedBody, BodyTooLarge, TooManyItems, WalFull or an I/O error when nothing was accepted.
 */
export function createIntake(options: IntakeOptions): Receive {
  return async ({ signal, encoding, body, projectId }) => {
    const receivedAtMs = options.now();
    const ctx: DecodeContext = { projectId, receivedAtMs, retentionDays: options.retentionDays };
    const sent = encoding === 'json' ? await inTurns(convertJson(signal, body)) : body;
    checkSize(sent, options);
    checkItems(signal, sent, options);
    const redacted = await inTurns(redactRequest(signal, sent, (options.redactor ?? nothing)()));
    const protobuf = checkSize(redacted, options);
    const reading = options.readingFor(projectId);
    await options.crashPoint?.('decoding');
    const { items, rejected, rewrite, describe } = await decode(signal, protobuf, ctx, reading);
    if (items > 0) {
      const rewritten = rewrite && checkSize(await inTurns(rewrite), options);
      const record: WalRecord = {
        kind: signal,
        projectId,
        receivedAtMs,
        items,
        reencoded: rewritten !== null,
        payload: rewritten ?? protobuf,
      };
      await options.room();
      const appended = options.append(record);
      // It may fail while the description still goes on.
      appended.catch(() => {});
      const batch = await describe().catch(error => {
        // Nobody was told that it is safe, so it need not stay.
        appended.then(({ segment }) => options.release(segment)).catch(() => {});
        throw error;
      });
      options.accept(batch, record, await appended);
    }
    if (rejected.length > 0) options.onRejected(signal, projectId, rejected);
    return rejected;
  };
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
  return decoded({ projectId: ctx.projectId, spans: [], logs: [], points }, rejected, null);
}

const decoded = (batch: Batch, rejected: Rejection[], rewrite: Decoded['rewrite']): Decoded => ({
  items: itemsIn(batch),
  rejected,
  rewrite,
  describe: async () => batch,
});

async function decodeSpans(body: Uint8Array, ctx: DecodeContext, reading: Reading): Promise<Decoded> {
  const { spans, rejected, refused } = await inTurns(readTraces(body, ctx));
  const describe = async (): Promise<Batch> => ({
    projectId: ctx.projectId,
    spans: await inTurns(describeSpans(spans, reading)),
    logs: [],
    points: [],
  });
  if (reading.captureContent) {
    // As sent, unless something was refused, which must not be there when it is read back.
    const verdict = refused.size > 0 ? spanVerdicts(spans, null, refused) : null;
    return {
      items: spans.length,
      rejected,
      rewrite: verdict && rewriteRequest('traces', body, verdict),
      describe,
    };
  }
  const batch = await describe();
  const verdict = spanVerdicts(spans, batch.spans, refused);
  return decoded(batch, rejected, verdict && rewriteRequest('traces', body, verdict));
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
  const described = logs.map(log => describeOneLog(log, reading));
  const verdict = logVerdicts(logs, reading.captureContent ? null : described, refused);
  const batch = { projectId: ctx.projectId, spans: [], logs: described, points: [] };
  return decoded(batch, rejected, verdict && rewriteRequest('logs', body, verdict));
}
