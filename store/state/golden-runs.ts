import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { GoldenResultTable, GoldenRunTable } from './schema.ts';

export type GoldenRunRow = Selectable<GoldenRunTable>;
export type GoldenResultRow = Selectable<GoldenResultTable>;

const batch = 50;

export async function addGoldenRun(db: StateDb, row: GoldenRunRow): Promise<void> {
  await db.insertInto('golden_runs').values(row).execute();
}

/** Newest first. */
export function listGoldenRunRows(db: StateDb, setId: string, limit: number): Promise<GoldenRunRow[]> {
  return db
    .selectFrom('golden_runs')
    .selectAll()
    .where('set_id', '=', setId)
    .orderBy('created_at', 'desc')
    .orderBy('run_id')
    .limit(limit)
    .execute();
}

export function goldenRunRow(
  db: StateDb,
  projectId: string,
  runId: string,
): Promise<GoldenRunRow | undefined> {
  return db
    .selectFrom('golden_runs')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('run_id', '=', runId)
    .executeTakeFirst();
}

export async function changeGoldenRun(
  db: StateDb,
  runId: string,
  change: Partial<Pick<GoldenRunRow, 'evaluators' | 'updated_at' | 'summary'>>,
): Promise<void> {
  await db.updateTable('golden_runs').set(change).where('run_id', '=', runId).execute();
}

/** With its results. */
export async function removeGoldenRun(db: StateDb, runId: string): Promise<void> {
  await db.transaction().execute(async tx => {
    for (const table of ['golden_results', 'golden_runs'] as const) {
      await tx.deleteFrom(table).where('run_id', '=', runId).execute();
    }
  });
}

/** Those that are there are replaced; all or none. */
export async function putGoldenResults(db: StateDb, rows: readonly GoldenResultRow[]): Promise<void> {
  await db.transaction().execute(async tx => {
    for (let from = 0; from < rows.length; from += batch) {
      await tx
        .insertInto('golden_results')
        .values(rows.slice(from, from + batch))
        .onConflict(conflict =>
          conflict.columns(['run_id', 'case_id']).doUpdateSet(({ ref }) => ({
            revision: ref('excluded.revision'),
            at: ref('excluded.at'),
            output: ref('excluded.output'),
            error: ref('excluded.error'),
            context: ref('excluded.context'),
            latency_ms: ref('excluded.latency_ms'),
            input_tokens: ref('excluded.input_tokens'),
            output_tokens: ref('excluded.output_tokens'),
            cost_nanos: ref('excluded.cost_nanos'),
            trace_id: ref('excluded.trace_id'),
            span_id: ref('excluded.span_id'),
            scores: ref('excluded.scores'),
            tool_calls: ref('excluded.tool_calls'),
            tools: ref('excluded.tools'),
          })),
        )
        .execute();
    }
  });
}

/** By case id. */
export async function readGoldenResults(db: StateDb, runId: string): Promise<Map<string, GoldenResultRow>> {
  const rows = await db.selectFrom('golden_results').selectAll().where('run_id', '=', runId).execute();
  return new Map(rows.map(row => [row.case_id, row]));
}

export type GoldenFigures = Omit<GoldenResultRow, 'output' | 'context' | 'tool_calls' | 'tools'>;

/** Results without their texts, for sums over many. */
export function readGoldenFigures(db: StateDb, runId: string): Promise<GoldenFigures[]> {
  return db
    .selectFrom('golden_results')
    .select(['run_id', 'case_id', 'revision', 'at', 'error', 'latency_ms', 'input_tokens', 'output_tokens'])
    .select(['cost_nanos', 'trace_id', 'span_id', 'scores'])
    .where('run_id', '=', runId)
    .execute();
}
