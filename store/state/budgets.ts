import type { Selectable, Updateable } from 'kysely';
import type { StateDb } from './open.ts';
import type { BudgetForecastTable, BudgetNoticeTable, BudgetTable } from './schema.ts';

export type BudgetRow = Omit<Selectable<BudgetTable>, 'reserve_turn'>;
export type BudgetForecastRow = Selectable<BudgetForecastTable>;
export type BudgetNoticeRow = Selectable<BudgetNoticeTable>;

const columns = [
  'budget_id',
  'project_id',
  'name',
  'kind',
  'filter',
  'amount_nanos',
  'period',
  'starts_on',
  'ends_on',
  'thresholds',
  'ceiling',
  'created_at',
  'updated_at',
] as const;

/** In the order they were made. */
export async function listBudgetRows(db: StateDb, projectId: string): Promise<BudgetRow[]> {
  return db
    .selectFrom('budgets')
    .select(columns)
    .where('project_id', '=', projectId)
    .orderBy('created_at')
    .orderBy('budget_id')
    .execute();
}

export async function addBudget(db: StateDb, row: BudgetRow): Promise<void> {
  await db
    .insertInto('budgets')
    .values({ ...row, reserve_turn: 0 })
    .execute();
}

/** What was said and forecast of another filter or period does not hold for the new one. Null when there is no such budget. */
export async function changeBudget(
  db: StateDb,
  projectId: string,
  budgetId: string,
  change: Omit<Updateable<BudgetTable>, 'budget_id' | 'project_id' | 'reserve_turn' | 'created_at'>,
): Promise<BudgetRow | null> {
  return db.transaction().execute(async tx => {
    const before = await tx
      .selectFrom('budgets')
      .select(columns)
      .where('budget_id', '=', budgetId)
      .where('project_id', '=', projectId)
      .executeTakeFirst();
    if (!before) return null;
    const after = { ...before, ...change };
    await tx.updateTable('budgets').set(change).where('budget_id', '=', budgetId).execute();
    const isAnother = (['filter', 'kind', 'period', 'starts_on', 'ends_on'] as const).some(
      column => before[column] !== after[column],
    );
    if (isAnother) await tx.deleteFrom('budget_forecasts').where('budget_id', '=', budgetId).execute();
    if (isAnother || before.amount_nanos !== after.amount_nanos)
      await tx.deleteFrom('budget_notices').where('budget_id', '=', budgetId).execute();
    return after;
  });
}

/** With everything that was kept about it; false when there is no such budget. */
export async function removeBudget(db: StateDb, projectId: string, budgetId: string): Promise<boolean> {
  return db.transaction().execute(async tx => {
    const removed = await tx
      .deleteFrom('budgets')
      .where('budget_id', '=', budgetId)
      .where('project_id', '=', projectId)
      .executeTakeFirst();
    if (removed.numDeletedRows === 0n) return false;
    for (const table of ['budget_forecasts', 'budget_notices', 'lease_reserves'] as const) {
      await tx.deleteFrom(table).where('budget_id', '=', budgetId).execute();
    }
    return true;
  });
}

/** Keeps the first forecast of a morning. */
export async function addForecasts(db: StateDb, rows: readonly BudgetForecastRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('budget_forecasts')
    .values([...rows])
    .onConflict(conflict => conflict.doNothing())
    .execute();
}

/** Of every budget of the project made on or after a date, oldest first. */
export async function listForecasts(
  db: StateDb,
  projectId: string,
  sinceDate: string,
): Promise<BudgetForecastRow[]> {
  return db
    .selectFrom('budget_forecasts')
    .innerJoin('budgets', 'budgets.budget_id', 'budget_forecasts.budget_id')
    .selectAll('budget_forecasts')
    .where('budgets.project_id', '=', projectId)
    .where('budget_forecasts.made_on', '>=', sinceDate)
    .orderBy('budget_forecasts.made_on')
    .execute();
}

/** What a period came to; written again when late calls or repricings change it. */
export async function setOutcome(
  db: StateDb,
  { budgetId, periodFrom, nanos }: { budgetId: string; periodFrom: string; nanos: string },
): Promise<void> {
  await db
    .updateTable('budget_forecasts')
    .set({ outcome_nanos: nanos })
    .where('budget_id', '=', budgetId)
    .where('period_from', '=', periodFrom)
    .execute();
}

/** Threshold crossings that were not known; one that is known is left alone. */
export async function addNotices(db: StateDb, rows: readonly BudgetNoticeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('budget_notices')
    .values([...rows])
    .onConflict(conflict => conflict.doNothing())
    .execute();
}

export async function listNotices(db: StateDb, projectId: string): Promise<BudgetNoticeRow[]> {
  return db
    .selectFrom('budget_notices')
    .innerJoin('budgets', 'budgets.budget_id', 'budget_notices.budget_id')
    .selectAll('budget_notices')
    .where('budgets.project_id', '=', projectId)
    .orderBy('budget_notices.crossed_at')
    .orderBy('budget_notices.percent')
    .execute();
}

export type UnannouncedNotice = BudgetNoticeRow & Pick<BudgetRow, 'name' | 'kind'>;

/** Crossings nobody was told about, oldest first. */
export async function unannouncedNotices(db: StateDb, projectId: string): Promise<UnannouncedNotice[]> {
  return db
    .selectFrom('budget_notices')
    .innerJoin('budgets', 'budgets.budget_id', 'budget_notices.budget_id')
    .selectAll('budget_notices')
    .select(['budgets.name', 'budgets.kind'])
    .where('budgets.project_id', '=', projectId)
    .where('announced_at', 'is', null)
    .orderBy('budget_notices.crossed_at')
    .orderBy('budget_notices.percent')
    .execute();
}

/** False when somebody else was quicker. */
export async function markAnnounced(
  db: StateDb,
  { budget_id, period_from, percent }: Pick<BudgetNoticeRow, 'budget_id' | 'period_from' | 'percent'>,
  at: string,
): Promise<boolean> {
  const result = await db
    .updateTable('budget_notices')
    .set({ announced_at: at })
    .where('budget_id', '=', budget_id)
    .where('period_from', '=', period_from)
    .where('percent', '=', percent)
    .where('announced_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
