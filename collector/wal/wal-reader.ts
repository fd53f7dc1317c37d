import type { CollectorLog } from '../hooks.ts';
import type { WalRecord } from './record.ts';
import { readRecords, segmentPath, type WalPosition } from './segment-file.ts';

export interface WalReaderOptions {
  dir: string;
  log: CollectorLog;
  /** Nobody needs the segment any more: gives back all holds that came with parts of it. */
  giveBack: (segment: number, holds: number) => void;
  /** The segment has bytes that are not what was written. */
  onDamaged: (segment: number) => void;
}

interface Held {
  /** Reasons to keep it on this side. */
  holds: number;
  /** Holds of the log that came with it, one per record or leftover segment. */
  lent: number;
}

/**
 * The write-ahead log as those see it who store what is in it: they read parts of it, and say when a segment may go. It
 * shares nothing with the log but the files, so that the two may be in different threads.
 */
export class WalReader {
  private readonly options: WalReaderOptions;
  private readonly segments = new Map<number, Held>();
  private readonly damaged = new Set<number>();

  constructor(options: WalReaderOptions) {
    this.options = options;
  }

  /** Takes over holds of the log on a segment as one hold on this side. */
  adopt(segment: number, lent: number): void {
    const held = this.segments.get(segment);
    if (held) {
      held.lent += lent;
      held.holds++;
    } else this.segments.set(segment, { holds: 1, lent });
  }

  hold(segment: number): void {
    this.segments.get(segment)!.holds++;
  }

  /** The last one gives the segment back. */
  release(segment: number): void {
    const held = this.segments.get(segment);
    if (!held || --held.holds > 0) return;
    this.segments.delete(segment);
    this.damaged.delete(segment);
    this.options.giveBack(segment, held.lent);
  }

  /** Records of a part of a segment, in order. Damage is logged once for each segment and passed over. */
  async *read({ segment, from, to }: WalPosition): AsyncGenerator<{ record: WalRecord; end: number }> {
    let end = from;
    for await (const read of readRecords(segmentPath(this.options.dir, segment), from, to)) {
      end = read.end;
      if (read.record) yield { record: read.record, end };
      else this.noteDamage(segment, end);
    }
    if (end < to) this.noteDamage(segment, end);
  }

  private noteDamage(segment: number, offset: number): void {
    if (this.damaged.has(segment)) return;
    this.damaged.add(segment);
    const { dir, log, onDamaged } = this.options;
    const path = segmentPath(dir, segment);
    log.error({ path, offset }, 'a segment of the write-ahead log is damaged; what can be read is kept');
    onDamaged(segment);
  }
}
