import type { z } from 'zod';
import { type DriftShape, type driftShape, shapes } from '#contract/drift-shape.ts';
import { readShapeWindows, type ShapeWindows } from '#store/queries/shape-stats.ts';
import { shapeJob } from '#store/shape-roll-up.ts';
import { readProgress } from '#store/state/progress.ts';
import type { AlertsDeps } from '../deps.ts';
import { dayMs } from '../drift/season.ts';
import { groupBy } from '../group-by.ts';
import { compareShape } from './compare-shape.ts';

const hourMs = 3_600_000;
const referenceDays = 28;

/** Every shape of every series with calls in the last 24 h or the 28 days before, most calls first. Read from hourly histograms. */
export async function shapeDrift(
  { clickhouse, state, projectId, clock }: AlertsDeps,
  { limit, ...filter }: z.output<(typeof driftShape)['request']>,
): Promise<DriftShape> {
  const toMs = Math.ceil(clock.now() / hourMs) * hourMs;
  const window = {
    projectId,
    referenceFromMs: toMs - (referenceDays + 1) * dayMs,
    fromMs: toMs - dayMs,
    toMs,
  };
  const rows = await readShapeWindows(clickhouse, window, filter);
  const groups = [
    ...groupBy(rows, ({ feature, model, environment }) =>
      JSON.stringify([feature, model, environment]),
    ).values(),
  ];
  const ordered = groups
    .map(group => ({ group, calls: Math.max(...group.map(({ reference, now }) => reference.n + now.n)) }))
    .sort((one, other) => other.calls - one.calls);
  const rolledUpUs = await readProgress(state, shapeJob(projectId));
  return {
    from: iso(window.fromMs),
    to: iso(toMs),
    reference_from: iso(window.referenceFromMs),
    rolled_up_until: rolledUpUs === null ? null : iso(Number(rolledUpUs) / 1000),
    series: ordered.slice(0, limit).map(({ group }) => seriesOf(group)),
    truncated: ordered.length > limit,
  };
}

function seriesOf(group: readonly ShapeWindows[]): DriftShape['series'][number] {
  const { feature, model, environment } = group[0]!;
  const byShape = new Map(group.map(row => [row.shape, row]));
  return {
    feature,
    model,
    environment,
    shapes: shapes.map(shape => compareShape(shape, byShape.get(shape) ?? {})),
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
