import type { IngestStatus } from '#store/state/ingest-status.ts';

interface Sample {
  ms: number;
  acked: number;
}

/** Nothing of a collector that holds nothing is awaited once it has been silent for this long. */
const forgottenMs = 10 * 60_000;
const mostSamples = 600;

/**
 * Up to when everything that collectors had accepted is in the store. Each report says how much was accepted and how much
 * of it is stored: what had been accepted at a time is stored once the stored count has reached that time's accepted count.
 */
export function createVisibility() {
  const collectors = new Map<string, Sample[]>();

  /** Unix milliseconds; `nowMs` when no collector holds anything. */
  return function visibleUntil(statuses: readonly IngestStatus[], nowMs: number): number {
    return Math.min(nowMs, ...statuses.map(status => ofCollector(status, nowMs)));
  };

  function ofCollector({ collector_id, at, acked, waiting }: IngestStatus, nowMs: number): number {
    const ms = Date.parse(at);
    if (waiting === 0 && nowMs - ms > forgottenMs) return nowMs;
    let samples = collectors.get(collector_id) ?? [];
    // A smaller count is a collector that has started again, and counts from zero.
    if (samples.length > 0 && acked < samples.at(-1)!.acked) samples = [];
    if (samples.at(-1)?.ms !== ms) samples.push({ ms, acked });
    const reached = acked - waiting;
    while (samples.length > 1 && samples[1]!.acked <= reached) samples.shift();
    if (samples.length > mostSamples) samples.splice(1, samples.length - mostSamples);
    collectors.set(collector_id, samples);
    const oldest = samples[0]!;
    if (oldest.acked <= reached) return oldest.ms;
    // What was waiting before this process looked: since an unknown time.
    return Number.NEGATIVE_INFINITY;
  }
}
