import type { FeatureRow, Figures } from '#contract/feature.ts';

/** A change this large is one unit of badness, whatever it is a change of. */
const UNIT = { quality: 0.05, failureRate: 0.02, latency: 0.5 };

/** Features with firing alerts first, then by how much worse they became; big ones before small ones. */
export function worstFirst(features: readonly FeatureRow[]): FeatureRow[] {
  return [...features].sort(
    (one, other) =>
      Math.sign(other.firing_alerts) - Math.sign(one.firing_alerts) ||
      badness(other) - badness(one) ||
      other.now.calls - one.now.calls ||
      one.feature.localeCompare(other.feature),
  );
}

/**
 * The worst of what changed against the period before, in units; 0 without a period before or without a change for the
 * worse. Spend is left out: more of it is often good news.
 */
export function badness({ now, previous }: Pick<FeatureRow, 'now' | 'previous'>): number {
  if (!previous) return 0;
  const lost = difference(previous.quality, now.quality) / UNIT.quality;
  const failing = difference(failureRate(now), failureRate(previous)) / UNIT.failureRate;
  const slower =
    difference(now.latency_p95_ms, previous.latency_p95_ms) / (previous.latency_p95_ms || 1) / UNIT.latency;
  return Math.max(0, lost, failing, slower);
}

function failureRate({ calls, failed_calls }: Figures): number | null {
  return calls ? failed_calls / calls : null;
}

/** What is not known on one side has not changed. */
function difference(one: number | null, other: number | null): number {
  return one === null || other === null ? 0 : one - other;
}
