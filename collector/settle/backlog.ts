import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectorLog } from '../hooks.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import type { Wal } from '../wal/wal.ts';

export interface BacklogOptions {
  wal: Wal;
  log: CollectorLog;
  signal: AbortSignal;
  /** Whether memory has room for more rows. */
  hasRoom: () => boolean;
  /** Takes a record over, with a hold on its segment. */
  take: (record: WalRecord, segment: number) => void;
}

interface Part extends WalPosition {
  items: number;
}

const pauseMs = 50;

/**
 * Acknowledged requests that are on disk only: what an earlier process left, and what came while memory was full because
 * the store was slow or away. They are read again, in order, as room appears.
 */
export class Backlog {
  private readonly options: BacklogOptions;
  private readonly parts: Part[] = [];
  private waiting = 0;
  private draining: Promise<void> | null = null;

  constructor(options: BacklogOptions) {
    this.options = options;
  }

  /** Spans, log records and points that are on disk only. */
  get items(): number {
    return this.waiting;
  }

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  /** Adds a part of a segment, with the one hold on it that the caller has. */
  add(part: Part): void {
    this.waiting += part.items;
    const last = this.parts.at(-1);
    if (last && last.segment === part.segment && last.to === part.from) {
      // Neighbours in one file become one part, so that a long outage costs no memory per request.
      last.to = part.to;
      last.items += part.items;
      this.options.wal.release(part.segment);
    } else this.parts.push({ ...part });
    this.start();
  }

  private start(): void {
    this.draining ??= this.drain().finally(() => {
      this.draining = null;
      if (this.parts.length > 0 && !this.options.signal.aborted) this.start();
    });
  }

  /** Resolves when nothing is left on disk only, or the collector gives up. */
  async drained(): Promise<void> {
    while (this.draining) await this.draining;
  }

  private async drain(): Promise<void> {
    const { signal, log } = this.options;
    while (this.parts.length > 0 && !signal.aborted) {
      try {
        await this.drainFirst();
      } catch (error) {
        if (signal.aborted) return;
        log.error({ error }, 'could not read the write-ahead log; trying again');
        await sleep(1000);
      }
    }
  }

  private async drainFirst(): Promise<void> {
    const { wal, signal, hasRoom, take } = this.options;
    const part = this.parts[0]!;
    const upTo = part.to;
    for await (const { record, end } of wal.read({ segment: part.segment, from: part.from, to: upTo })) {
      while (!hasRoom() && !signal.aborted) await sleep(pauseMs);
      if (signal.aborted) return;
      wal.hold(part.segment);
      part.from = end;
      part.items -= record.items;
      this.waiting -= record.items;
      take(record, part.segment);
    }
    part.from = upTo;
    if (part.to > upTo) return;
    // What damage has swallowed is not waiting any more.
    this.waiting -= part.items;
    this.parts.shift();
    wal.release(part.segment);
  }
}
