import type { AlertDetail, AlertExample } from '#contract/alert.ts';
import type { CallValuesOf } from '#store/queries/call-values.ts';
import {
  type ExampleCall,
  type Pick as ExamplePick,
  readExampleCalls,
} from '#store/queries/example-calls.ts';
import { firstSights } from '#store/queries/markers.ts';
import { readSegments } from '#store/queries/segments.ts';
import type { AlertsDeps } from './deps.ts';
import { dayMs } from './drift/season.ts';
import { displayed, figuresOf, metricOf } from './figures.ts';
import type { Finding } from './finding.ts';
import { explainBySegments, type Segment } from './segments.ts';

const hourMs = 3_600_000;
/** Two weeks of "before" and at most one of "after" are enough to tell segments apart. */
const beforeMs = 14 * dayMs;
const afterMs = 7 * dayMs;
const examplesEach = 5;
/** A first sight this long before or after the change may have to do with it. */
const nearBeforeMs = 24 * hourMs;
const nearAfterMs = 6 * hourMs;

const endOf = (deps: AlertsDeps, { changedAtMs, closedAtMs }: Finding) =>
  Math.min(closedAtMs ?? deps.clock.now(), changedAtMs + afterMs);

/** What the feature first used near the change, nearest first. */
export async function nearbyChanges(deps: AlertsDeps, finding: Finding): Promise<AlertDetail['changes']> {
  const { changedAtMs, feature, environment } = finding;
  const sights = await firstSights(deps.clickhouse, {
    projectId: deps.projectId,
    fromMs: changedAtMs - nearBeforeMs,
    toMs: changedAtMs + nearAfterMs,
    where: [
      { dimension: 'feature', value: feature },
      { dimension: 'environment', value: environment },
    ],
  });
  return sights
    .map(({ kind, value, at }) => ({
      kind,
      value,
      at,
      minutes_from_change: Math.round((Date.parse(at) - changedAtMs) / 60_000),
    }))
    .sort((one, other) => Math.abs(one.minutes_from_change) - Math.abs(other.minutes_from_change));
}

/** Which values of which dimension carry the shift, largest share first. */
export async function segmentsOf(deps: AlertsDeps, finding: Finding): Promise<AlertDetail['segments']> {
  const { changedAtMs } = finding;
  const windows = { fromMs: changedAtMs - beforeMs, changedMs: changedAtMs, toMs: endOf(deps, finding) };
  const stats = await readSegments(deps.clickhouse, valuesOf(deps, finding, finding.latencyCutBin), windows);
  const inMs = figuresOf(finding).unit === 'ms';
  const show = displayed(finding);
  const side = (mean: number | null, p95Ms: number | null) =>
    mean === null ? null : inMs ? p95Ms : show(mean);
  return explainBySegments(stats).map((segment: Segment) => ({
    dimension: segment.dimension,
    value: segment.value,
    before: side(segment.meanBefore, segment.stats.p95BeforeMs),
    after: side(segment.meanAfter, segment.stats.p95AfterMs),
    calls_before: segment.callsBefore,
    calls_after: segment.callsAfter,
    explained: segment.explained,
  }));
}

/** The worst calls since the change beside ordinary ones from the week before it. */
export async function examplesOf(
  deps: AlertsDeps,
  finding: Finding,
  texts: boolean,
): Promise<AlertDetail['examples']> {
  const { changedAtMs } = finding;
  // The latency's values are milliseconds here: the cut says how many are slow, not which is the slowest.
  const of = valuesOf(deps, finding, null);
  const ordinary = finding.metric === 'latency_tail' ? usualMs(finding) : finding.before;
  const read = (fromMs: number, toMs: number, pick: ExamplePick) =>
    readExampleCalls(deps.clickhouse, of, { fromMs, toMs, pick, limit: examplesEach, texts });
  const [before, after] = await Promise.all([
    read(changedAtMs - afterMs, changedAtMs, { by: 'nearest', to: ordinary }),
    read(changedAtMs, endOf(deps, finding), { by: finding.direction === 'up' ? 'highest' : 'lowest' }),
  ]);
  const show = finding.metric === 'latency_tail' ? (ms: number) => ms : displayed(finding);
  const example = (call: ExampleCall): AlertExample => ({
    trace_id: call.traceId,
    span_id: call.spanId,
    start_time: call.startTime,
    value: show(call.value),
    model: finding.model,
    prompt: call.prompt,
    answer: call.answer,
  });
  return { before: before.map(example), after: after.map(example) };
}

/** A middling latency: half of the p95 is near the median of what models take. */
const usualMs = ({ p95 }: Finding) => (p95?.beforeMs ?? 0) / 2;

function valuesOf({ projectId }: AlertsDeps, finding: Finding, latencyCutBin: number | null): CallValuesOf {
  const { feature, model, environment } = finding;
  return { projectId, feature, model, environment, metric: metricOf(finding).rollup, latencyCutBin };
}
