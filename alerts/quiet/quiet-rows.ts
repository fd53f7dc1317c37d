import type { QuietFinding } from '#contract/quiet-drift.ts';
import type { QuietFindingRow, QuietSeriesRow } from '#store/state/quiet-series.ts';
import type { QuietFound, QuietMemory, QuietPoint } from './evaluate.ts';
import { type QuietMetric, quietMetric } from './quiet-metric.ts';
import { type QuietName, quietSeriesId } from './quiet-series.ts';
import { quietTitle } from './quiet-words.ts';

type Figures = Pick<QuietFound, 'before' | 'after' | 'low' | 'high' | 'chanceOfNoise' | 'retracted'>;

const iso = (ms: number) => new Date(ms).toISOString();

const nameColumns = (projectId: string, name: QuietName, { kind }: QuietMetric) => ({
  project_id: projectId,
  series_id: quietSeriesId(name),
  kind,
  feature: name.feature,
  environment: name.environment,
  metric: name.metric,
  cohort_by: name.cohortBy,
  cohort: name.cohort,
});

export function toSeriesRow(
  projectId: string,
  name: QuietName,
  metric: QuietMetric,
  { memory, points }: { memory: QuietMemory; points: QuietPoint[] },
): QuietSeriesRow {
  const { lastStartMs } = memory.detector;
  return {
    ...nameColumns(projectId, name, metric),
    evaluated_until: lastStartMs === null ? '' : iso(lastStartMs + 900_000),
    state: JSON.stringify(memory),
    points: JSON.stringify(points),
  };
}

export function toFindingRow(
  projectId: string,
  name: QuietName,
  metric: QuietMetric,
  found: QuietFound,
): QuietFindingRow {
  const { before, after, low, high, chanceOfNoise, retracted } = found;
  const figures: Figures = { before, after, low, high, chanceOfNoise, ...(retracted && { retracted }) };
  return {
    ...nameColumns(projectId, name, metric),
    finding_id: found.id,
    changed_at: iso(found.changedAtMs),
    opened_at: iso(found.openedAtMs),
    closed_at: found.closedAtMs === null ? null : iso(found.closedAtMs),
    direction: found.direction,
    figures: JSON.stringify(figures),
    notified_at: null,
  };
}

/** As people read it: usage as ratios to the season, gaps in shares. Null for a metric that is not known any more. */
export function readQuietFinding(row: QuietFindingRow): QuietFinding | null {
  const metric = quietMetric(row.metric);
  if (!metric) return null;
  const { before, after, low, high, chanceOfNoise, retracted = false } = JSON.parse(row.figures) as Figures;
  const isRatio = metric.kind === 'usage';
  const said = {
    kind: metric.kind,
    feature: row.feature,
    environment: row.environment,
    metric: row.metric,
    metric_label: metric.label,
    cohort_by: row.cohort_by,
    cohort: row.cohort,
    direction: row.direction,
    before: isRatio ? 1 : before,
    after: isRatio ? Math.exp(after - before) : after,
    low: isRatio ? Math.exp(low) : before + low,
    high: isRatio ? Math.exp(high) : before + high,
  };
  const { finding_id: id, changed_at, opened_at, closed_at, notified_at } = row;
  return {
    id,
    ...said,
    ...{ changed_at, opened_at, closed_at, notified_at },
    chance_of_noise: chanceOfNoise,
    retracted,
    text: quietTitle(said),
  };
}
