import { type OutcomeSummary, outcomeJoins, outcomeWindowDays } from '#contract/outcome.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import {
  type OutcomeQuestion,
  outcomeDays,
  outcomeGroups,
  outcomeNames,
  unjoinedOutcomes,
} from '#store/queries/outcome-summary.ts';
import { isoFromStore } from '#store/queries/time.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { addSums, outcomeFigures } from './figures.ts';

const DAY_MS = 86_400_000;

export interface SummaryQuestion extends OutcomeQuestion {
  by: SpendDimension;
  zone: string;
  nowMs: number;
}

/** Outcomes, cost and return of calls by group; the total is the sum of the groups. */
export async function outcomeSummary(
  clickhouse: ClickHouse,
  question: SummaryQuestion,
): Promise<Omit<OutcomeSummary, 'joined_at'>> {
  const { by, zone, nowMs, fromMs, toMs } = question;
  const [groups, days, names, unjoined] = await Promise.all([
    outcomeGroups(clickhouse, question, by),
    outcomeDays(clickhouse, question, zone),
    outcomeNames(clickhouse, question),
    unjoinedOutcomes(clickhouse, question),
  ]);
  const asked = names.filter(({ name }) => question.name === '' || name === question.name);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    zone,
    window_days: outcomeWindowDays,
    total: outcomeFigures(addSums(groups)),
    groups: groups
      .sort((a, b) => b.outcomes - a.outcomes || b.calls - a.calls)
      .map(group => ({ key: group.key, ...outcomeFigures(group) })),
    names: byName(names),
    joined_by: Object.fromEntries(
      outcomeJoins.map(join => [
        join,
        asked.filter(one => one.joinedBy === join).reduce((sum, one) => sum + one.outcomes, 0),
      ]),
    ) as OutcomeSummary['joined_by'],
    unjoined: {
      outcomes: unjoined.outcomes,
      value_usd: known(unjoined),
      examples: unjoined.examples.map(({ at, ...example }) => ({ ...example, time: isoFromStore(at) })),
    },
    days: days.map(day => {
      const { outcomes, value_usd, cost_usd } = outcomeFigures(day);
      return { day: day.key, outcomes, value_usd, cost_usd };
    }),
    open_since: new Date(nowMs - outcomeWindowDays * DAY_MS).toISOString(),
  };
}

interface Valued {
  outcomes: number;
  valued: number;
  valueNanos: bigint;
}

const known = ({ valued, valueNanos }: Valued) => (valued === 0 ? null : usdFromNanos(valueNanos.toString()));

function byName(rows: readonly (Valued & { name: string })[]): OutcomeSummary['names'] {
  const names = new Map<string, Valued>();
  for (const { name, outcomes, valued, valueNanos } of rows) {
    const sum = names.get(name) ?? { outcomes: 0, valued: 0, valueNanos: 0n };
    names.set(name, {
      outcomes: sum.outcomes + outcomes,
      valued: sum.valued + valued,
      valueNanos: sum.valueNanos + valueNanos,
    });
  }
  return [...names]
    .sort(([, a], [, b]) => b.outcomes - a.outcomes)
    .map(([name, sum]) => ({ name, outcomes: sum.outcomes, value_usd: known(sum) }));
}
