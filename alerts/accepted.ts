import type { AcceptedLevelRow } from '#store/state/accepted-levels.ts';
import { acceptAsNormal } from './drift/series.ts';
import type { Series } from './finding.ts';
import type { SeriesMemory } from './series-memory.ts';
import { watchedMetric } from './watched-metric.ts';

/** A level that somebody, or a deploy, made the new normal. Null means all. */
export interface AcceptedLevel {
  id: string;
  model: string | null;
  environment: string | null;
  metric: string | null;
  fromMs: number;
  acceptedAtMs: number;
}

export const acceptedLevel = (row: AcceptedLevelRow): AcceptedLevel => ({
  id: row.acceptance_id,
  model: row.model,
  environment: row.environment,
  metric: row.metric,
  fromMs: Date.parse(row.from_at),
  acceptedAtMs: Date.parse(row.accepted_at),
});

/**
 * The level to accept for a series of the feature: the newest that means it, unless it has been taken already. `levels` come
 * newest first.
 */
export function newlyAccepted(
  { series, rollup, memory }: { series: Series; rollup: string; memory: SeriesMemory },
  levels: readonly AcceptedLevel[],
): AcceptedLevel | null {
  const metric = watchedMetric(rollup)!.name;
  const level = levels.find(
    one =>
      (one.model ?? series.model) === series.model &&
      (one.environment ?? series.environment) === series.environment &&
      (one.metric ?? metric) === metric,
  );
  return level && level.id !== memory.acceptance?.id ? level : null;
}

/** Forgets the level before; what was left out of the reference because of it is part of the past as well. */
export function accept(memory: SeriesMemory, { id, fromMs }: AcceptedLevel): void {
  memory.detector = acceptAsNormal(memory.detector, fromMs);
  memory.excluded = memory.excluded.filter(({ fromMs: at }) => at < fromMs);
  memory.mornings = {};
  memory.acceptance = { id, fromMs };
}
