import type { ClickHouse } from '#store/engine/client.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import type { AttributeLimit } from './attribute-names.ts';
import { isBadData, isTooMuch } from './bad-data.ts';
import { type Batch, itemsIn } from './described.ts';
import { halves } from './divide.ts';
import { type Encoded, encodeRows, insertRows } from './insert.ts';
import type { Quarantine } from './quarantine.ts';
import { untilDone } from './retry.ts';

/** An acknowledged request on its way into the store; it owns one hold on its segment. */
export interface Accepted {
  batch: Batch;
  receivedAtMs: number;
  segment: number;
  /** Length of the request, which is about what its items take in memory. */
  bytes: number;
}

export interface InserterOptions {
  clickhouse: ClickHouse;
  log: CollectorLog;
  crashPoint: CrashPoint;
  signal: AbortSignal;
  /** Called when the rows of these requests are stored. */
  onInserted: (accepted: Accepted[]) => Promise<void>;
  quarantine: Quarantine;
  attributes: AttributeLimit;
  /** Called when the one item of this batch was set aside. */
  onQuarantined: (batch: Batch) => void;
  /** Longest time a row waits for company. */
  flushMs: number;
  /** Rows that need not wait. */
  flushRows: number;
}

/** A store that has taken nothing for so long is slow or away. */
const progressMs = 3_000;

/** Requests of together this size need not wait for more, since the store takes an insert into its memory. */
const maxBytesPerInsert = 64 * 1024 ** 2;

/** Where more has come than needs to wait, an insert takes so much of it: the fewer parts the store has to merge, the better. */
const flushesPerInsert = 2;

/** Items of one insert that may be set aside. */
const maxSetAside = 100;

/** Collects acknowledged requests and stores their rows in few large inserts, one at a time, trying for ever. */
export class Inserter {
  private readonly options: InserterOptions;
  private queue: Accepted[] = [];
  private queuedRows = 0;
  private inFlightRows = 0;
  private queuedBytes = 0;
  private inFlightBytes = 0;
  private lastStoredAtMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;

  constructor(options: InserterOptions) {
    this.options = options;
  }

  /** Spans, log records and points not yet stored. */
  get rows(): number {
    return this.queuedRows + this.inFlightRows;
  }

  /** Their requests' lengths together. */
  get bytes(): number {
    return this.queuedBytes + this.inFlightBytes;
  }

  /** Whether the store has just taken something: then more room is a matter of moments. */
  get isProgressing(): boolean {
    return performance.now() - this.lastStoredAtMs < progressMs;
  }

  add(accepted: Accepted): void {
    this.queue.push(accepted);
    this.queuedRows += itemsIn(accepted.batch);
    this.queuedBytes += accepted.bytes;
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
    if (this.queuedRows >= this.options.flushRows || this.queuedBytes >= maxBytesPerInsert) this.start();
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
    const { log, crashPoint, signal, onInserted, flushRows } = this.options;
    const taken = this.take(flushRows * flushesPerInsert);
    if (taken.length === 0) return;
    // A store that refuses one item after the other is broken itself: then the items wait, as when it is away.
    const store = () => this.store(taken, { setAside: 0 });
    await untilDone(store, 'store spans, of which it refuses too many', log, signal);
    await crashPoint('spans-inserted');
    this.lastStoredAtMs = performance.now();
    await onInserted(taken);
    this.inFlightRows = 0;
    this.inFlightBytes = 0;
  }

  /** Stores the rows of these requests; those that the store refuses are found by halves and set aside. */
  private async store(taken: readonly Accepted[], counted: { setAside: number }): Promise<void> {
    const { clickhouse, log, signal, quarantine, onQuarantined, attributes } = this.options;
    const parts = halves(taken);
    const canHelp = (error: unknown) =>
      !isBadData(error) && !(error instanceof EncodingFailed) && !(isTooMuch(error) && parts);
    try {
      const { unsent, free } = await encode(taken, attributes);
      const insert = () => insertRows(clickhouse, unsent);
      await untilDone(insert, 'store spans', log, signal, canHelp).finally(free);
    } catch (error) {
      if (canHelp(error)) throw error;
      if (parts) {
        for (const part of parts) await this.store(part, counted);
      } else {
        if (++counted.setAside > maxSetAside) throw error;
        const [{ batch, receivedAtMs }] = taken as [Accepted];
        if (await quarantine.add(batch, receivedAtMs, error)) onQuarantined(batch);
      }
    }
  }

  /** The oldest requests with together about `maxRows` rows and not many bytes, at least one. */
  private take(maxRows: number): Accepted[] {
    let rows = 0;
    let bytes = 0;
    let count = 0;
    while (count < this.queue.length && rows < maxRows && bytes < maxBytesPerInsert) {
      const accepted = this.queue[count++]!;
      rows += itemsIn(accepted.batch);
      bytes += accepted.bytes;
    }
    this.queuedRows -= rows;
    this.queuedBytes -= bytes;
    this.inFlightRows = rows;
    this.inFlightBytes = bytes;
    return this.queue.splice(0, count);
  }
}

/** An item that we cannot make a row of; its neighbours are not to blame, and trying again does not help. */
class EncodingFailed extends Error {
  override name = 'EncodingFailed';
}

function encode(taken: readonly Accepted[], attributes: AttributeLimit): Promise<Encoded> {
  return encodeRows(taken, attributes).catch(cause => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EncodingFailed(`no row can be made of an item: ${reason}`, { cause });
  });
}
