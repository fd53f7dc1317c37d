import type { Driftline } from './driftline.ts';

export type Figures = Record<string, number | string | null>;

/** The named measures of one feature over the last hour; null when it has no calls yet. */
export async function featureFigures(
  driftline: Driftline,
  feature: string,
  measures: readonly string[],
): Promise<Figures | null> {
  const query = new URLSearchParams({
    measures: measures.join(','),
    group_by: 'feature',
    from: 'now-1h',
    where: `feature:${feature}`,
  });
  const { rows } = await driftline.get<{ rows: Figures[] }>(`/api/v1/measures?${query}`);
  return rows[0] ?? null;
}
