import type { Cause, Explanation } from '#contract/explanation.ts';
import { readIncidentEvidence, writeIncidentEvidence } from '#store/state/incident-evidence.ts';
import type { AlertsDeps } from './deps.ts';
import { displayed, figuresOf } from './figures.ts';
import type { Finding } from './finding.ts';
import { seriesKey } from './finding.ts';
import type { Sums } from './where/cells.ts';
import type { RankedCause } from './where/describe-cause.ts';
import { type Evidence, evidenceVersion, gatherEvidence } from './where/evidence.ts';
import type { SegmentP95 } from './where/segment-p95.ts';

/** Evidence of an open incident is made anew when it is older than this and than a quarter of the incident. */
const staleMs = 30 * 60_000;
/** And when values have come to so many times as many: late ones, or the rest of a history that was still being stored. */
const manyMore = 1.25;

/**
 * What an incident's numbers were computed from: as kept, or made now and kept when there is none, when another series
 * leads the incident by now, or when much has come in since. Null when it could not be made.
 */
export async function evidenceOf(
  deps: AlertsDeps,
  incidentId: string,
  lead: Finding,
): Promise<Evidence | null> {
  const kept = await keptEvidence(deps, incidentId);
  const nowMs = deps.clock.now();
  if (kept && !isStale(kept, lead, nowMs)) return kept;
  try {
    return await sharedRenewal(deps, incidentId, lead);
  } catch (error) {
    // An incident without an explanation is worth more than none.
    deps.log.warn({ error, incidentId }, 'an incident could not be explained');
    return kept && seriesKey(kept.finding) === seriesKey(lead) ? kept : null;
  }
}

export async function keptEvidence({ state }: AlertsDeps, incidentId: string): Promise<Evidence | null> {
  const row = await readIncidentEvidence(state, incidentId);
  return row && (JSON.parse(row.evidence) as Evidence);
}

const underWay = new WeakMap<AlertsDeps['state'], Map<string, Promise<Evidence>>>();

/** As `renewEvidence`, once for all who ask meanwhile: pages ask again and again, and a busy store must not do it for each. */
function sharedRenewal(deps: AlertsDeps, incidentId: string, lead: Finding): Promise<Evidence> {
  const all = underWay.get(deps.state) ?? new Map<string, Promise<Evidence>>();
  underWay.set(deps.state, all);
  const key = JSON.stringify([incidentId, seriesKey(lead), lead.openedAtMs, lead.closedAtMs, lead.requests]);
  const made = all.get(key) ?? renewEvidence(deps, incidentId, lead).finally(() => all.delete(key));
  all.set(key, made);
  return made;
}

/** Makes an incident's evidence as of now and keeps it. */
export async function renewEvidence(deps: AlertsDeps, incidentId: string, lead: Finding): Promise<Evidence> {
  const evidence = await gatherEvidence(deps, incidentId, lead);
  await writeIncidentEvidence(deps.state, {
    incident_id: incidentId,
    made_at: new Date(evidence.madeAtMs).toISOString(),
    evidence: JSON.stringify(evidence),
  });
  return evidence;
}

function isStale({ version, finding, madeAtMs }: Evidence, lead: Finding, nowMs: number): boolean {
  if (version !== evidenceVersion) return true;
  if (seriesKey(finding) !== seriesKey(lead) || finding.openedAtMs !== lead.openedAtMs) return true;
  if (finding.closedAtMs !== lead.closedAtMs) return true;
  if (lead.requests > manyMore * finding.requests) return true;
  if (lead.closedAtMs !== null) return false;
  const lastedMs = madeAtMs - lead.changedAtMs;
  return finding.changedAtMs !== lead.changedAtMs || nowMs - madeAtMs > Math.max(staleMs, lastedMs / 4);
}

/** The same for a reader, in the unit of the incident's figures. Null without calls to tell apart. */
export function explanationOf({ finding, query, statistics }: Evidence): Explanation | null {
  const { where } = statistics;
  if (!where) return null;
  const { windows } = query;
  const { shift } = where.split ?? { shift: 0 };
  return {
    verdict: where.verdict,
    split: where.split && {
      shift: where.split.shift,
      mix: where.split.mix,
      within: where.split.within,
      within_low: where.split.low,
      within_high: where.split.high,
      by: [...where.split.by],
    },
    by_dimension: where.byDimension,
    causes: where.causes.map(causeFor(finding, statistics.p95)),
    moved: where.moved.map(({ dimension, value, shareBefore, shareAfter, mix }) => ({
      dimension,
      value,
      share_before: shareBefore,
      share_after: shareAfter,
      explained: shift === 0 ? 0 : mix / shift,
    })),
    outcomes: where.outcomes.map(({ callsBefore, callsAfter, ...outcome }) => ({
      ...outcome,
      calls_before: callsBefore * windows.everyBefore,
      calls_after: callsAfter * windows.everyAfter,
    })),
    tried: where.tried,
    sampled: Math.max(windows.everyBefore, windows.everyAfter),
    before_from: iso(windows.fromMs),
    before_to: iso(windows.changedMs),
    after_to: iso(windows.toMs),
  };
}

function causeFor(
  finding: Finding,
  p95: readonly SegmentP95[] | undefined,
): (cause: RankedCause, index: number) => Cause {
  // The share of slow calls is what is compared; it cannot be read as milliseconds.
  const inMs = figuresOf(finding).unit === 'ms';
  const show = displayed(finding);
  const mean = ({ n, sum }: Sums) => (n > 0 && !inMs ? show(sum / n) : null);
  return (cause, index) => ({
    conditions: cause.conditions,
    before: mean(cause.before),
    after: mean(cause.after),
    p95: p95?.[index] ? { before_ms: p95[index].beforeMs, after_ms: p95[index].afterMs } : null,
    calls_before: cause.before.n,
    calls_after: cause.after.n,
    explained: cause.explained,
    covered: cause.covered,
    z: cause.z,
    p_value: cause.pValue,
    is_new: cause.isNew,
    instead_of: cause.insteadOf,
    same_calls: cause.sameCalls,
  });
}

const iso = (ms: number) => new Date(ms).toISOString();
