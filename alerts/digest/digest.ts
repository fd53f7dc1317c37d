import type { Digest, DigestChange } from '#contract/digest.ts';
import { listAlertVerdicts } from '#store/state/alert-verdicts.ts';
import { listIncidents } from '#store/state/incidents.ts';
import type { AlertsDeps } from '../deps.ts';
import { type DetectorState, mixtureEvidence } from '../drift/detector.ts';
import type { OpenShift } from '../drift/open-shift.ts';
import { bucketMs, dayMs } from '../drift/season.ts';
import { bucketsTaken, familyOf, type KnownSeries, readKnown } from '../drift-overview.ts';
import { readDriftSettings } from '../drift-settings.ts';
import { figuresOf } from '../figures.ts';
import { type Finding, seriesKey } from '../finding.ts';
import { findingOf } from '../finding-of.ts';
import type { Incident } from '../incident.ts';
import { fromRow } from '../incident-rows.ts';
import { rejectByEValues } from '../statistics/multiple-testing.ts';
import { isWatched } from '../watch-list.ts';
import { watchedMetric } from '../watched-metric.ts';
import { metricLabel, title } from '../words.ts';

const level = 0.1;
const mostIncidents = 5000;
/**
 * Without a change exp(M) sums over all starts a change could have had and has a mean of 24 instead of 1 (420 generated
 * series at two times). Taken for an e-value as it is, 2 of 12 families of 70 named half of themselves; divided by twice that mean, none did.
 */
const evidenceOfNothing = Math.log(50);
/** e^700 is the largest power that is a number. */
const mostEvidence = 700;

/** What may stand out: a series' evidence now, or that of the alert that was opened for it in these days. */
interface Candidate {
  logEvidence: number;
  finding: Finding | null;
  alertId: string | null;
}

/**
 * The seven days before now over everything that is watched. A series stands out by e-BH on exp(M) over what it is without a change: with K
 * series the k largest are named when each has K/(level k) at least.
 */
export async function digestOf(deps: AlertsDeps): Promise<Digest> {
  const { state, projectId, clock } = deps;
  const nowMs = clock.now();
  const fromMs = nowMs - 7 * dayMs;
  const [settings, everything, rows, verdicts] = await Promise.all([
    readDriftSettings(state),
    readKnown(deps),
    listIncidents(state, { projectId, limit: mostIncidents }),
    listAlertVerdicts(state, projectId, iso(fromMs)),
  ]);
  const known = everything.filter(({ memory }) => isWatched(memory, nowMs));
  const { threshold } = familyOf(everything, settings, nowMs);
  const incidents = rows.map(row => fromRow(row).incident);
  const opened = incidents.filter(({ openedAtMs }) => openedAtMs >= fromMs);
  const pages = opened.filter(({ state: is }) => is !== 'improved' && is !== 'mixed');
  const noise = new Set(verdicts.flatMap(({ alert_id, verdict }) => (verdict === 'noise' ? alert_id : [])));
  const candidates = known.map(one => candidateOf(one, { incidents, fromMs, threshold }));
  const e = candidates.map(one =>
    one ? Math.exp(Math.min(mostEvidence, one.logEvidence - evidenceOfNothing)) : 0,
  );
  const named = rejectByEValues(e, level)
    .flatMap(at =>
      candidates[at]?.finding ? [{ ...candidates[at]!, finding: candidates[at]!.finding! }] : [],
    )
    .sort((one, other) => other.logEvidence - one.logEvidence);
  const changes = named.map(changeOf);
  return {
    from: iso(fromMs),
    to: iso(nowMs),
    series: known.length,
    learning: known.filter(({ memory }) => memory.detector.baseline === null).length,
    level,
    needed_log_evidence:
      named.length > 0 ? Math.log(known.length / (level * named.length)) + evidenceOfNothing : null,
    changed: changes.filter(({ verdict }) => verdict !== 'better'),
    improved: changes.filter(({ verdict }) => verdict === 'better'),
    alerts: {
      opened: pages.length,
      resolved: incidents.filter(({ resolvedAtMs }) => resolvedAtMs !== null && resolvedAtMs >= fromMs)
        .length,
      retracted: incidents.flatMap(incident => retractedOf(incident, fromMs)),
    },
    budget: {
      false_alarms_per_week: settings.false_alarms_per_week,
      expected_false_alarms:
        everything.reduce((total, one) => total + bucketsTaken(one, fromMs), 0) * Math.exp(-threshold),
      pages: pages.length,
      judged_noise: pages.filter(({ id }) => noise.has(id)).length,
    },
  };
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Null while it learns and nothing was found. */
function candidateOf(
  { row, memory }: KnownSeries,
  { incidents, fromMs, threshold }: { incidents: readonly Incident[]; fromMs: number; threshold: number },
): Candidate | null {
  const metric = watchedMetric(row.metric, memory.scoreSize)!;
  const key = seriesKey({ ...row, metric: metric.name });
  const found = incidents
    .flatMap(({ id, findings }) => findings.map(finding => ({ id, finding })))
    .filter(({ finding }) => finding.openedAtMs >= fromMs && finding.closedBecause !== 'retracted')
    .filter(({ finding }) => seriesKey(finding) === key)
    .reduce<Candidate | null>(
      (most, { id, finding }) =>
        finding.logEvidence > (most?.logEvidence ?? Number.NEGATIVE_INFINITY)
          ? { logEvidence: finding.logEvidence, finding, alertId: id }
          : most,
      null,
    );
  const { detector, baseline } = memory.detector;
  const logEvidence = baseline && mixtureEvidence(detector);
  if (logEvidence === null || logEvidence <= (found?.logEvidence ?? Number.NEGATIVE_INFINITY)) return found;
  const open = likeliest(detector, memory.detector.lastStartMs ?? 0);
  const standing = memory.incidentId;
  if (open === null) return found;
  const { feature, model, environment } = row;
  const finding = findingOf({
    series: { feature, model, environment },
    metric,
    scoreSize: memory.scoreSize,
    state: memory.detector,
    open,
    logEvidence,
    threshold,
    buckets: [],
  });
  return { logEvidence, finding, alertId: standing };
}

/** The assumed shift with most evidence, as if it had alarmed at the last bucket. */
function likeliest({ hypotheses }: DetectorState, lastMs: number): OpenShift | null {
  const best = hypotheses.reduce((one, other) =>
    (other.logEvidence ?? Number.NEGATIVE_INFINITY) > (one.logEvidence ?? Number.NEGATIVE_INFINITY)
      ? other
      : one,
  );
  if (best.sinceMs === null || best.sums.information === 0 || best.sums.n === 0) return null;
  return {
    openedAtMs: lastMs + bucketMs,
    changeStartMs: best.sinceMs,
    direction: best.sums.weightedResidual > 0 ? 'up' : 'down',
    sums: best.sums,
    hours: [],
    lastValueMs: lastMs,
  };
}

function changeOf({ finding, logEvidence, alertId }: Candidate & { finding: Finding }): DigestChange {
  const { before, after, unit } = figuresOf(finding);
  const { feature, model, environment, metric, direction, verdict } = finding;
  return {
    ...{ feature, model, environment, metric, direction, verdict },
    metric_label: metricLabel(metric),
    title: title(finding),
    ...{ before, after, unit },
    changed_at: iso(finding.changedAtMs),
    log_evidence: logEvidence,
    alert_id: alertId,
  };
}

function retractedOf({ id, findings }: Incident, fromMs: number): Digest['alerts']['retracted'] {
  return findings
    .filter(({ closedBecause, closedAtMs }) => closedBecause === 'retracted' && (closedAtMs ?? 0) >= fromMs)
    .map(finding => ({ id, title: title(finding), at: iso(finding.closedAtMs!) }));
}
