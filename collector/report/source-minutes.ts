import { foldedNames, keyOf, type SourceName } from './source-name.ts';

const minuteMs = 60_000;
/** Sources counted apart in a minute; what more there is becomes `(other)`, so that no sender can fill the table. */
const maxSources = 500;
/** Sources of all minutes in memory, about 15 MB. */
const maxEntries = 50_000;

/** What one source did in one minute. */
export interface SourceMinute extends SourceName {
  minute: number;
  received: number;
  acked: number;
  stored: number;
  rejected: number;
  duplicates: number;
  truncated: number;
  delayMsSum: number;
  delayMsMax: number;
  lastSeenMs: number;
  isDirty: boolean;
}

/** The counters of all sources, by minute, until they are final. */
export class SourceMinutes {
  private readonly minutes = new Map<number, Map<string, SourceMinute>>();
  /** Minutes whose rows are final. */
  private readonly closed = new Set<number>();
  private entries = 0;

  /** The counters of a source in a minute; those of `(other)` when there are too many sources. */
  source(minute: number, name: SourceName, isFolded = false): SourceMinute {
    const sources = this.minutes.get(minute) ?? new Map<string, SourceMinute>();
    this.minutes.set(minute, sources);
    const key = keyOf(name);
    const known = sources.get(key);
    if (known) return known;
    if (sources.size >= maxSources && !isFolded)
      return this.source(minute, { ...foldedNames, signal: name.signal, projectId: name.projectId }, true);
    const source: SourceMinute = {
      ...name,
      minute,
      received: 0,
      acked: 0,
      stored: 0,
      rejected: 0,
      duplicates: 0,
      truncated: 0,
      delayMsSum: 0,
      delayMsMax: 0,
      lastSeenMs: 0,
      isDirty: false,
    };
    sources.set(key, source);
    this.entries++;
    return source;
  }

  /** The minute of receipt, or the running one when the row of that is final: sums over time stay right. */
  minuteFor(receivedAtMs: number, nowMs: number): number {
    const minute = Math.floor(receivedAtMs / minuteMs) * minuteMs;
    return this.closed.has(minute) ? Math.floor(nowMs / minuteMs) * minuteMs : minute;
  }

  /** What has changed since it was written. */
  changed(): SourceMinute[] {
    const changed: SourceMinute[] = [];
    for (const sources of this.minutes.values())
      for (const source of sources.values()) if (source.isDirty) changed.push(source);
    return changed;
  }

  /** Forgets minutes that are over and of which everything has been read, stored and written. */
  closeDone(readUntilMs: number, keepBefore: number): void {
    for (const [minute, sources] of this.minutes) {
      if (minute > readUntilMs - 2 * minuteMs || minute < keepBefore) continue;
      let isDone = true;
      for (const source of sources.values())
        if (source.isDirty || source.stored < source.acked) isDone = false;
      if (isDone) this.close(minute);
    }
  }

  /** Forgets the oldest minutes while there are too many of them, written or not. */
  closeOldest(): void {
    while (this.entries > maxEntries) this.close(Math.min(...this.minutes.keys()));
    // Nothing is received for a minute of yesterday; a late `stored` would only open it again.
    while (this.closed.size > 2000) this.closed.delete(Math.min(...this.closed));
  }

  private close(minute: number): void {
    this.entries -= this.minutes.get(minute)?.size ?? 0;
    this.minutes.delete(minute);
    this.closed.add(minute);
  }
}
