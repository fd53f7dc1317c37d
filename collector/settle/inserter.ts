import type { ClickHouse } from '#store/engine/client.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import { type Batch, itemsIn } from './described.ts';
import { encodeRows, insertRows } from './insert.ts';
import { untilDone } from './retry.ts';

/** An acknowledged request on its way into the store; it owns one hold on its segment. */
export interface Accepted {
  batch: Batch;
  receivedAtMs: number;
  segment: number;
}

export interface InserterOptions {
  clickhouse: ClickHouse;
  log: CollectorLog;
  crashPoint: CrashPoint;
  signal: AbortSignal;
  /** Called when the rows of these requests are stored. */
  onInserted: (accepted: Accepted[]) => void;
  /** Longest time a row waits for company. */
  flushMs: number;
  /** Rows that need not wait. */
  flushRows: number;
}

/** Collects acknowledged requests and stores their rows in few large inserts, one at a time, trying for ever. */
export class Inserter {
  private readonly options: InserterOptions;
  private queue: Accepted[] = [];
  private queuedRows = 0;
  private inFlightRows = 0;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;

  constructor(options: InserterOptions) {
    this.options = options;
  }

  /** Spans, log records and points not yet stored. */
  get rows(): number {
    return this.queuedRows + this.inFlightRows;
  }

  add(accepted: Accepted): void {
    this.queue.push(accepted);
    this.queuedRows += itemsIn(accepted.batch);
    this.schedule();
  }

  /** Resolves when everything added so far is stored; rejects when the collector gives up first. */
  async flush(): Promise<void> {
    while (this.queue.length > 0 || this.running) {
      this.start();
      await this.running;
    }
  }

  private schedule(): void {
    if (this.running) return;
    if (this.queuedRows >= this.options.flushRows) this.start();
    else this.timer ??= setTimeout(() => this.start(), this.options.flushMs);
  }

  private start(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.running ??= this.insertQueued().finally(() => {
      this.running = null;
      if (this.queue.length > 0 && !this.options.signal.aborted) this.schedule();
    });
    // Whoever awaits `running` sees its failure; nobody has to.
    this.running.catch(() => {});
  }

  private async insertQueued(): Promise<void> {
    const { clickhouse, log, crashPoint, signal, onInserted, flushRows } = this.options;
    const taken = this.take(flushRows);
    if (taken.length === 0) return;
    const unsent = await encodeRows(taken);
    await untilDone(() => insertRows(clickhouse, unsent), 'store spans', log, signal);
    await crashPoint('spans-inserted');
    this.inFlightRows = 0;
    onInserted(taken);
  }

  /** The oldest requests with together about `maxRows` rows, at least one. */
  private take(maxRows: number): Accepted[] {
    let rows = 0;
    let count = 0;
    while (count < this.queue.length && (count === 0 || rows < maxRows))
      rows += itemsIn(this.queue[count++]!.batch);
    this.queuedRows -= rows;
    this.inFlightRows = rows;
    return this.queue.splice(0, count);
  }
}
