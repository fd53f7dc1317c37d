import type { AlertDetail } from '#contract/alert.ts';
import type { Cause } from '#contract/explanation.ts';
import { nearChanges } from '#store/queries/near-changes.ts';
import { listAcceptedLevels } from '#store/state/accepted-levels.ts';
import { listChangeMarkers } from '#store/state/change-markers.ts';
import type { AlertsDeps } from '../deps.ts';
import { changedBetween, type Finding } from '../finding.ts';

export type NearbyChange = AlertDetail['changes'][number];
type Found = Pick<NearbyChange, 'kind' | 'value' | 'at' | 'share' | 'by' | 'url'>;

const hourMs = 3_600_000;
/** What is this long before or after the interval may still have to do with the change. */
const nearBeforeMs = 24 * hourMs;
const nearAfterMs = 6 * hourMs;
const shareOverMs = 24 * hourMs;
const mostMarkers = 50;
const mostDeploys = 200;
const mostShown = 20;

/** What calls of the feature showed for the first time near the change and what was said to be changed then, the likeliest first. */
export async function changesNear(
  deps: AlertsDeps,
  finding: Finding,
  causes: readonly Pick<Cause, 'conditions' | 'same_calls' | 'explained'>[],
): Promise<NearbyChange[]> {
  const { changedAtMs, feature, environment } = finding;
  const interval = changedBetween(finding) ?? { fromMs: changedAtMs, toMs: changedAtMs };
  const near = {
    feature,
    environment,
    fromMs: interval.fromMs - nearBeforeMs,
    toMs: interval.toMs + nearAfterMs,
  };
  const shareToMs = Math.min(deps.clock.now(), changedAtMs + shareOverMs);
  const [seen, said] = await Promise.all([
    nearChanges(deps.clickhouse, { projectId: deps.projectId, ...near, changedMs: changedAtMs, shareToMs }),
    saidNear(deps, finding, near),
  ]);
  const found: Found[] = [...seen.map(one => ({ ...one, by: null, url: null })), ...said];
  return rankChanges(found, { changedAtMs, interval, causes });
}

/** Markers and deploys that concern the series. */
async function saidNear(
  { state, projectId }: AlertsDeps,
  { model, metric }: Finding,
  {
    feature,
    environment,
    fromMs,
    toMs,
  }: { feature: string; environment: string; fromMs: number; toMs: number },
): Promise<Found[]> {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const [markers, levels] = await Promise.all([
    listChangeMarkers(state, { projectId, feature, environment, from, to, limit: mostMarkers }),
    listAcceptedLevels(state, { projectId, feature, limit: mostDeploys }),
  ]);
  const deploys = levels.filter(
    one =>
      one.kind === 'deploy' &&
      one.from_at >= from &&
      one.from_at < to &&
      (one.model ?? model) === model &&
      (one.environment ?? environment) === environment &&
      (one.metric ?? metric) === metric,
  );
  return [
    ...markers.map(({ kind, title, at, set_by, url }): Found => {
      const isDeploy = kind === 'deploy';
      const value = isDeploy || kind === 'config' ? title : `${kind}: ${title}`;
      return { kind: isDeploy ? 'deploy' : 'marker', value, at, share: null, by: set_by, url };
    }),
    ...deploys.map(
      ({ from_at, note, accepted_by }): Found => ({
        kind: 'deploy',
        value: note || `by ${accepted_by}`,
        at: from_at,
        share: null,
        by: accepted_by,
        url: null,
      }),
    ),
  ];
}

/** How calls ended is more often what a change looks like than what it is. */
const symptoms: readonly string[] = ['finish_reason', 'error_type'];
const nearMs = hourMs;
/** A marker stands for all calls as far as one can tell. */
const unknownShare = 0.5;

/**
 * The likeliest first: how far from the interval (an hour away counts half), how much of the shift the calls with it carry, what
 * share of the calls has it, and among those inside the interval how near to the likeliest time.
 */
export function rankChanges(
  found: readonly Found[],
  {
    changedAtMs,
    interval,
    causes,
  }: {
    changedAtMs: number;
    interval: { fromMs: number; toMs: number };
    causes: readonly Pick<Cause, 'conditions' | 'same_calls' | 'explained'>[];
  },
): NearbyChange[] {
  const closeness = (distanceMs: number) => nearMs / (nearMs + Math.abs(distanceMs));
  const ranked = found.map(one => {
    const atMs = Date.parse(one.at);
    const awayMs = distanceTo(atMs, interval);
    const explained = explainedBy(one, causes);
    const change: NearbyChange = {
      ...one,
      minutes_from_change: Math.round((atMs - changedAtMs) / 60_000),
      minutes_from_interval: Math.round(awayMs / 60_000),
      explained,
    };
    const weight =
      closeness(awayMs) +
      closeness(atMs - changedAtMs) / 4 +
      1.5 * Math.min(1, Math.max(0, explained ?? 0)) +
      (one.share ?? unknownShare) / 2 -
      (symptoms.includes(one.kind) ? 0.5 : 0);
    return { change, weight };
  });
  return ranked
    .sort((one, other) => other.weight - one.weight)
    .slice(0, mostShown)
    .map(({ change }) => change);
}

/** Milliseconds to the interval: 0 inside, negative before it. */
function distanceTo(atMs: number, { fromMs, toMs }: { fromMs: number; toMs: number }): number {
  if (atMs < fromMs) return atMs - fromMs;
  return atMs > toMs ? atMs - toMs : 0;
}

function explainedBy(
  { kind, value }: Found,
  causes: readonly Pick<Cause, 'conditions' | 'same_calls' | 'explained'>[],
): number | null {
  const named = causes.find(({ conditions, same_calls: same }) =>
    [conditions, ...same].some(
      one => one.length === 1 && one[0]!.dimension === kind && one[0]!.value === value,
    ),
  );
  return named ? named.explained : null;
}
