import type { Router } from 'express';
import { z } from 'zod';
import type { BudgetCondition } from '#contract/budget.ts';
import { getStatement, listCentres, type Statement, type StatementCentre } from '#contract/statement.ts';
import { addMonths } from '#ledger/files/month-bounds.ts';
import { type MonthPart, monthPart } from '#ledger/files/month-part.ts';
import { statementFigures } from '#ledger/files/statement.ts';
import { backfillDone, readPosition } from '#ledger/roll-up/position.ts';
import { readCentres } from '#store/queries/export-spend-statement.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { isoInZone } from '#store/queries/zone-time.ts';
import { listBudgetRows } from '#store/state/budgets.ts';
import { listPostings } from '#store/state/postings.ts';
import { isZone, reportingZone } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { commitmentsOfMonth } from '../view/commitments.ts';

export interface StatementAsked {
  month: string;
  by: StatementCentre;
  value: string;
  tz?: string | undefined;
}

export function statementRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId } = services;

  serve(router, getStatement, async asked => makeStatement(services, asked));

  serve(router, listCentres, async asked => {
    const { part } = await partOf(services, asked);
    const rows = await readCentres(clickhouse, { projectId, ...part, by: asked.by });
    const backfill = backfillOf(part, await readPosition(services.state, projectId));
    return {
      backfill,
      centres: rows.map(({ value, n, cost }) => ({
        value,
        calls: Number(n),
        cost_usd: usdFromNanos(cost) ?? '',
      })),
    };
  });
}

/** A statement as the page and deliveries show it. */
export async function makeStatement(services: Services, asked: StatementAsked): Promise<Statement> {
  const { clickhouse, projectId, state, nowMs } = services;
  const { month, by, value } = asked;
  const { part, zone, reporting } = await partOf(services, asked);
  const beforeMs = (
    await monthPart(services.alerts, { month: addMonths(month, -1), zone, reportingZone: reporting })
  ).fromMs;
  const { fromMs, toMs, closed } = part;
  const question = { projectId, month, zone, by, value, fromMs, toMs, beforeMs };
  const [figures, position, budget, commitments] = await Promise.all([
    notesOf(services).then(noteOf => statementFigures(clickhouse, question, noteOf)),
    readPosition(state, projectId),
    budgetOf(services, by, value),
    commitmentsOfMonth(services, { month, zone, part }),
  ]);
  return {
    month,
    zone,
    from: isoInZone(fromMs, zone),
    to: isoInZone(toMs, zone),
    by,
    value,
    state: closed?.state ?? (nowMs() < toMs ? 'running' : 'ended'),
    closed_at: closed?.closed_at ?? null,
    closed_by: closed?.closed_by ?? '',
    as_of: position.asOf,
    backfill: backfillOf(part, position),
    generated_at: new Date(nowMs()).toISOString(),
    budget,
    ...commitments,
    ...figures,
  };
}

/** A closed month is whole. Before the first roll-up nothing is there. */
function backfillOf(
  { closed }: MonthPart,
  position: Awaited<ReturnType<typeof readPosition>>,
): number | null {
  if (closed) return null;
  return position.asOf === null ? 0 : backfillDone(position);
}

async function partOf(
  services: Services,
  { month, tz }: { month: string; tz?: string | undefined },
): Promise<{ part: MonthPart; zone: string; reporting: string }> {
  const reporting = await reportingZone(services);
  const zone = tz ?? reporting;
  if (!isZone(zone)) throw new HttpProblem(400, `tz: ${zone} is not a time zone`);
  const part = await monthPart(services.alerts, { month, zone, reportingZone: reporting });
  return { part, zone, reporting };
}

const posted = z.object({ note: z.string().default('') });

/** What was said of each repricing when it was posted. */
async function notesOf({ state, projectId }: Services): Promise<(reason: string) => string> {
  const postings = await listPostings(state, { projectId, limit: 1000 });
  const notes = new Map(
    postings.map(({ posting_id, spec }) => [posting_id, posted.safeParse(JSON.parse(spec)).data?.note ?? '']),
  );
  return reason => notes.get(reason) ?? '';
}

/** The monthly budget of exactly this centre; of several the one made first. */
async function budgetOf(
  { state, projectId }: Services,
  by: StatementCentre,
  value: string,
): Promise<Statement['budget']> {
  const budgets = await listBudgetRows(state, projectId);
  const own = budgets.find(({ kind, period, filter }) => {
    const [only, ...more] = JSON.parse(filter) as BudgetCondition[];
    const isThis = only?.dimension === by && only.value === value && more.length === 0;
    return kind === 'budget' && period === 'month' && isThis;
  });
  return own ? { name: own.name, amount_usd: usdFromNanos(own.amount_nanos) ?? '' } : null;
}
