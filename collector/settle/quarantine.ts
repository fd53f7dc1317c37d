import { appendFile, mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorLog } from '../hooks.ts';
import type { WalRecord } from '../wal/record.ts';
import { syncFolder, type WalPosition } from '../wal/segment-file.ts';
import { type Batch, itemsIn } from './described.ts';
import type { OpenTrace } from './open-traces.ts';

/** What one file may hold; beyond it a refused item is only logged and counted. */
const maxBytes = 64 * 1024 ** 2;

/** Of requests that cannot be read, by one process; beyond it their segments stay in the log. */
const maxUnreadableBytes = 256 * 1024 ** 2;

/**
 * Items that the store refuses whatever one does, and traces whose calls cannot be derived, one JSON object a line with the
 * reason, for a person to look at; and requests that cannot be read, each in a file of its own.
 */
export class Quarantine {
  private readonly file: string;
  private readonly tracesFile: string;
  private readonly dir: string;
  private readonly log: CollectorLog;
  /** What is in it already: an insert that is tried again brings the same items once more. */
  private readonly known = new Set<string>();
  private unreadableBytes = 0;

  constructor(dir: string, log: CollectorLog) {
    this.dir = join(dir, 'quarantine');
    this.file = join(this.dir, 'refused.jsonl');
    this.tracesFile = join(this.dir, 'unsettled.jsonl');
    this.log = log;
  }

  /** Sets a batch of one item aside; false when it has been already. Rejects when the disk does not take it. */
  async add(batch: Batch, receivedAtMs: number, error: unknown): Promise<boolean> {
    const id = idOf(batch);
    if (this.known.has(id)) return false;
    const reason = error instanceof Error ? error.message : String(error);
    const { projectId, spans, logs, points } = batch;
    const refused = {
      projectId,
      receivedAtMs,
      reason,
      spans: spans.map(plain),
      logs: logs.map(plain),
      points,
    };
    await this.write(this.file, refused);
    this.known.add(id);
    this.log.error({ id, reason, file: this.file }, 'the store refuses an item; it is kept in quarantine');
    return itemsIn(batch) > 0;
  }

  /** Notes a trace, or a log record outside any, whose calls are not in the ledger; false when it has been already. */
  async addTrace({ projectId, traceId, spans, logs }: OpenTrace, error: unknown): Promise<boolean> {
    const logIds = traceId === '' ? [...logs.keys()] : [];
    const id = `${projectId} trace ${traceId}${logIds.join()}`;
    if (this.known.has(id)) return false;
    const reason = error instanceof Error ? error.message : String(error);
    await this.write(this.tracesFile, { projectId, traceId, logIds, reason, spans: [...spans.keys()] });
    this.known.add(id);
    this.log.error(
      { error, id, file: this.tracesFile },
      'a trace has no calls, since they cannot be derived',
    );
    return true;
  }

  /**
   * Sets an acknowledged request aside that cannot be read, which is a fault of ours: whole, as OTLP, to be sent again once
   * we can. False when it cannot be kept here, by the limit or the disk; then it must stay where it is.
   */
  async addRecord(record: WalRecord, at: WalPosition, error: unknown): Promise<boolean> {
    try {
      await this.keepRecord(record, at, error);
      return true;
    } catch (failure) {
      this.log.error(
        { error: failure, ...at },
        'an acknowledged request that cannot be read stays in the log',
      );
      return false;
    }
  }

  private async keepRecord(record: WalRecord, { segment, from }: WalPosition, error: unknown): Promise<void> {
    const { kind, projectId, receivedAtMs, payload } = record;
    // Numbers of segments come again.
    const file = join(this.dir, `unreadable-${receivedAtMs}-${segment}-${from}.${kind}.pb`);
    if (this.unreadableBytes + payload.length > maxUnreadableBytes)
      throw new Error('more requests cannot be read than are set aside', { cause: error });
    await mkdir(this.dir, { recursive: true });
    await writeFile(file, payload, { mode: 0o600, flush: true });
    await syncFolder(this.dir);
    this.unreadableBytes += payload.length;
    this.log.error(
      { error, file, projectId, receivedAtMs, items: record.items },
      'an acknowledged request cannot be read; it is kept in quarantine',
    );
  }

  private async write(path: string, refused: object): Promise<void> {
    const line = `${JSON.stringify(refused, withBigints)}\n`;
    await mkdir(this.dir, { recursive: true });
    const size = await stat(path).then(
      ({ size: bytes }) => bytes,
      () => 0,
    );
    if (size + line.length > maxBytes) return;
    await appendFile(path, line, { mode: 0o600 });
    const file = await open(path, 'r');
    await file.datasync().finally(() => file.close());
  }
}

/** Attributes are an accessor of spans fresh from the wire, which JSON would leave out. */
function plain<T extends DescribedItem>(item: T): unknown {
  if ('span' in item) return { ...item, span: { ...item.span, attributes: item.span.attributes } };
  return item;
}

type DescribedItem = Batch['spans'][number] | Batch['logs'][number];

function idOf({ projectId, spans, logs, points }: Batch): string {
  const [span] = spans;
  const [log] = logs;
  const [point] = points;
  if (span) return `${projectId} span ${span.span.traceId}/${span.span.spanId}`;
  if (log) return `${projectId} log ${log.log.logId}`;
  return `${projectId} point ${point?.name} ${point?.timeNs} ${JSON.stringify(point?.attributes)}`;
}

function withBigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
