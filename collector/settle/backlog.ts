import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectorLog } from '../hooks.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import type { WalReader } from '../wal/wal-reader.ts';

export interface BacklogOptions {
  wal: WalReader;
  log: CollectorLog;
  signal: AbortSignal;
  /** Whether memory has room for more rows. */
  hasRoom: () => boolean;
  /** Takes a record over, with a hold on its segment. Never rejects. */
  take: (record: WalRecord, at: WalPosition) => Promise<void>;
  /** Items of acknowledged requests that cannot be read any more, since their bytes are damaged. */
  onUnreadable: (items: number) => void;
}

/** Records that follow each other in the log. */
export interface LogPart extends WalPosition {
  items: number;
  /** Holds on the segment that come with it: one per record, or one for all of what an earlier process left. */
  holds: number;
  /** When the first of them was received; 0 when that cannot be read. */
  receivedAtMs: number;
}

const pauseMs = 50;

/**
 * Adds a part to others; neighbours in one file become one, so that a long outage costs no memory per request. True when it
 * was added to the part before it.
 */
export function addPart(parts: LogPart[], part: LogPart): boolean {
  const last = parts.at(-1);
  if (last?.segment !== part.segment || last.to !== part.from) {
    parts.push({ ...part });
    return false;
  }
  last.to = part.to;
  last.items += part.items;
  last.holds += part.holds;
  return true;
}

/**
 * Acknowledged requests that are on disk only: all of them come this way, those of this moment and what an earlier process
 * left. They are read in the order in which they were written, as there is room.
 */
export class Backlog {
  private readonly options: BacklogOptions;
  private readonly parts: LogPart[] = [];
  private waiting = 0;
  private draining: Promise<void> | null = null;

  constructor(options: BacklogOptions) {
    this.options = options;
  }

  /** Spans, log records and points that are on disk only. */
  get items(): number {
    return this.waiting;
  }

  /** When the oldest that waits was received; null when nothing does. */
  get oldestMs(): number | null {
    return this.parts[0]?.receivedAtMs ?? null;
  }

  add(part: LogPart): void {
    this.waiting += part.items;
    this.options.wal.adopt(part.segment, part.holds);
    // A part that is one already has its hold.
    if (addPart(this.parts, part)) this.options.wal.release(part.segment);
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
    const { wal, signal, hasRoom, take, onUnreadable } = this.options;
    const part = this.parts[0]!;
    const { segment, to: upTo } = part;
    for await (const { record, end } of wal.read({ segment, from: part.from, to: upTo })) {
      while (!hasRoom() && !signal.aborted) await sleep(pauseMs);
      if (signal.aborted) return;
      wal.hold(segment);
      await take(record, { segment, from: part.from, to: end });
      part.from = end;
      part.items -= record.items;
      this.waiting -= record.items;
      part.receivedAtMs = record.receivedAtMs;
    }
    part.from = upTo;
    if (part.to > upTo) return;
    this.parts.shift();
    // What damage has swallowed is not waiting any more.
    this.waiting -= part.items;
    if (part.items > 0) onUnreadable(part.items);
    wal.release(segment);
  }
}
