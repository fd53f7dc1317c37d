import { createHash } from 'node:crypto';
import type { LogRecord } from '../telemetry.ts';
import { AttributeReader, emptyAttributes, NestedTooDeep, type Notes, readAnyValue } from './attributes.ts';
import { limits, logIdAttribute } from './limits.ts';
import {
  type DecodeContext,
  isValidId,
  type Owner,
  ownBytes,
  type Rejection,
  Rejections,
  readItems,
} from './request.ts';
import { isExpired, isFromTheFuture, originalStartAttribute } from './traces.ts';
import type { WireReader } from './wire.ts';

const severityNames = ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

interface RawLog {
  log: LogRecord;
  observedNs: bigint;
  severityNumber: number;
}

/** The records of an ExportLogsServiceRequest in protobuf; see readTraces. */
export function readLogs(
  body: Uint8Array,
  ctx: DecodeContext,
): { logs: LogRecord[]; rejected: Rejection[]; refused: ReadonlySet<number> } {
  const logs: LogRecord[] = [];
  const rejections = new Rejections();
  const refused = new Set<number>();
  readItems(body, (reader, owner) => {
    const { raw, problem } = readLog(reader, owner, ctx);
    const log = finish(raw, ctx);
    const reason = owner.tooDeep ? 'nested_too_deep' : (problem ?? findProblem(log, ctx));
    if (reason === undefined) logs.push(log);
    else {
      const sample = { trace_id: log.traceId, span_id: log.spanId, event_name: log.eventName.slice(0, 200) };
      refused.add(logs.length + refused.size);
      rejections.add(reason, owner.resource.service, sample);
    }
  });
  return { logs, rejected: rejections.list(), refused };
}

function readLog(reader: WireReader, owner: Owner, ctx: DecodeContext): { raw: RawLog; problem?: string } {
  const attributes = new AttributeReader({ truncated: false }, limits.attributes, ownBytes(ctx));
  const raw = emptyLog(owner, ctx);
  const outer = reader.enter();
  const end = reader.end;
  let problem: string | undefined;
  try {
    readFields(reader, raw, attributes);
  } catch (error) {
    if (!(error instanceof NestedTooDeep)) throw error;
    problem = 'nested_too_deep';
    reader.end = end;
  }
  reader.leave(outer);
  raw.log.attributes = attributes.attributes;
  return problem === undefined ? { raw } : { raw, problem };
}

function emptyLog(owner: Owner, ctx: DecodeContext): RawLog {
  const log: LogRecord = {
    projectId: ctx.projectId,
    logId: '',
    timeNs: 0n,
    traceId: '',
    spanId: '',
    eventName: '',
    severity: '',
    body: '',
    attributes: emptyAttributes(),
    resource: owner.resource,
    scope: owner.scope,
    receivedAtMs: ctx.receivedAtMs,
  };
  return { log, observedNs: 0n, severityNumber: 0 };
}

function readFields(reader: WireReader, raw: RawLog, attributes: AttributeReader): void {
  const { log } = raw;
  const notes: Notes = { truncated: false };
  while (reader.more) {
    const tag = reader.uint32();
    switch (tag) {
      case 9:
        log.timeNs = reader.fixed64();
        break;
      case 16:
        raw.severityNumber = reader.uint32();
        break;
      case 26:
        log.severity = reader.string();
        break;
      case 42:
        log.body = readAnyValue(reader, limits.contentBytes, notes);
        break;
      case 50:
        attributes.read(reader);
        break;
      case 74:
        log.traceId = reader.hex();
        break;
      case 82:
        log.spanId = reader.hex();
        break;
      case 89:
        raw.observedNs = reader.fixed64();
        break;
      case 98:
        log.eventName = reader.string();
        break;
      default:
        reader.skip(tag);
    }
  }
}

function finish(raw: RawLog, ctx: DecodeContext): LogRecord {
  const { log } = raw;
  if (/^0*$/.test(log.traceId)) log.traceId = '';
  if (/^0*$/.test(log.spanId)) log.spanId = '';
  log.eventName ||= log.attributes['event.name'] ?? '';
  log.severity ||= severityNames[Math.ceil(Math.min(raw.severityNumber, 24) / 4)] ?? '';
  log.timeNs ||= raw.observedNs;
  const restored = ctx.reencoded ? log.attributes[logIdAttribute] : undefined;
  if (restored !== undefined) delete log.attributes[logIdAttribute];
  log.logId = restored ?? hashLog(log);
  // After the hash: a record without any time must get the same id when it is sent again.
  if (log.timeNs === 0n) log.timeNs = BigInt(ctx.receivedAtMs) * 1_000_000n;
  if (isFromTheFuture(log.timeNs, ctx)) {
    log.attributes[originalStartAttribute] = log.timeNs.toString();
    log.timeNs = BigInt(ctx.receivedAtMs) * 1_000_000n;
  }
  return log;
}

function findProblem(log: LogRecord, ctx: DecodeContext): string | undefined {
  if (log.traceId !== '' && !isValidId(log.traceId, 32)) return 'invalid_trace_id';
  if (log.spanId !== '' && !isValidId(log.spanId, 16)) return 'invalid_span_id';
  if (isExpired(log.timeNs, ctx)) return 'older_than_retention';
  return undefined;
}

function hashLog(log: LogRecord): string {
  const attributes = Object.entries(log.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = [log.timeNs.toString(), log.traceId, log.spanId, log.eventName, log.body];
  return createHash('sha256')
    .update(JSON.stringify([identity, log.resource.service, attributes]))
    .digest('hex')
    .slice(0, 32);
}
