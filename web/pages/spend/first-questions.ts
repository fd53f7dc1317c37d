import { onboardingQuestion } from '../../data/onboarding.ts';
import { queryClient } from '../../data/query-client.ts';
import { spendQuestion } from '../../data/spend.ts';
import type { SpendSearch } from './search.ts';
import { type SpendView, spendView } from './use-spend-view.ts';

const ROWS = 100;

/** What the page asks of its month and of the one before. */
export function spendRequests({ range, previous, where, by }: SpendView) {
  const before = { from: previous.from, to: previous.to, where };
  return {
    total: { ...range, where, limit: 1 },
    totalBefore: { ...before, limit: 1 },
    table: { ...range, where, group_by: by, limit: ROWS },
    tableBefore: { ...before, group_by: by, measures: 'cost_usd,calls', limit: 10_000 },
    kinds: { ...range, where, group_by: `${by},kind`, measures: 'units', limit: 10_000 },
  };
}

/** Asks for the first figures as soon as the zone of the month is known, while the page is still being drawn. */
export async function askFirst(search: SpendSearch & { tz?: string | undefined }): Promise<void> {
  const { reporting_zone: zone } = await queryClient.ensureQueryData(onboardingQuestion());
  const { table, totalBefore } = spendRequests(spendView(search, search.tz || zone, zone, Date.now()));
  await Promise.all([table, totalBefore].map(one => queryClient.prefetchQuery(spendQuestion(one))));
}
