import { type Selectable, sql } from 'kysely';
import type { StateDb } from './open.ts';
import type { GoldenCaseTable, GoldenSetTable, GoldenVersionTable } from './schema.ts';

export type GoldenSetRow = Selectable<GoldenSetTable>;
export type GoldenVersionRow = Selectable<GoldenVersionTable>;
export type GoldenCaseRow = Selectable<GoldenCaseTable>;

/** What a case is now to be; `content` compares as text. */
export type GoldenCaseWanted = Pick<
  GoldenCaseRow,
  'case_id' | 'source' | 'trace_id' | 'span_id' | 'tags' | 'words' | 'content'
>;

export interface CasesChange {
  version: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
}

/** Values of one statement stay below what SQLite binds at most. */
const batch = 200;

/** The one changed last first. */
export function listGoldenSetRows(
  db: StateDb,
  projectId: string,
): Promise<(GoldenSetRow & { runs: number })[]> {
  return db
    .selectFrom('golden_sets')
    .selectAll()
    .select(({ selectFrom, fn }) =>
      selectFrom('golden_runs')
        .whereRef('golden_runs.set_id', '=', 'golden_sets.set_id')
        .select(fn.countAll<number>().as('n'))
        .as('runs'),
    )
    .where('project_id', '=', projectId)
    .orderBy('updated_at', 'desc')
    .execute()
    .then(rows => rows.map(row => ({ ...row, runs: Number(row.runs ?? 0) })));
}

export async function goldenSetRow(
  db: StateDb,
  projectId: string,
  key: { name: string } | { setId: string },
): Promise<GoldenSetRow | undefined> {
  const rows = db.selectFrom('golden_sets').selectAll().where('project_id', '=', projectId);
  return 'name' in key
    ? rows.where('name', '=', key.name).executeTakeFirst()
    : rows.where('set_id', '=', key.setId).executeTakeFirst();
}

/** False when there is one of that name. */
export async function addGoldenSet(db: StateDb, row: GoldenSetRow): Promise<boolean> {
  const result = await db
    .insertInto('golden_sets')
    .values(row)
    .onConflict(conflict => conflict.columns(['project_id', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function changeGoldenSetRow(
  db: StateDb,
  setId: string,
  change: Pick<GoldenSetRow, 'description' | 'feature' | 'evaluators' | 'updated_at'>,
): Promise<void> {
  await db.updateTable('golden_sets').set(change).where('set_id', '=', setId).execute();
}

/** With its versions, runs and their results. */
export async function removeGoldenSet(db: StateDb, setId: string): Promise<void> {
  await db.transaction().execute(async tx => {
    const runs = tx.selectFrom('golden_runs').select('run_id').where('set_id', '=', setId);
    await tx.deleteFrom('golden_results').where('run_id', 'in', runs).execute();
    for (const table of ['golden_runs', 'golden_cases', 'golden_versions', 'golden_sets'] as const) {
      await tx.deleteFrom(table).where('set_id', '=', setId).execute();
    }
  });
}

/** Newest first. */
export function listGoldenVersions(db: StateDb, setId: string): Promise<GoldenVersionRow[]> {
  return db
    .selectFrom('golden_versions')
    .selectAll()
    .where('set_id', '=', setId)
    .orderBy('version', 'desc')
    .execute();
}

/** Thrown when a set would grow beyond what it may hold. */
export class TooManyCases extends Error {}

/**
 * Adds cases, changes those that are there and differ, and removes; all of it makes one new version, and none when nothing
 * would change. Two writers at once make two versions, one after the other.
 */
export async function changeGoldenCases(
  db: StateDb,
  setId: string,
  { put = [], remove = [] }: { put?: readonly GoldenCaseWanted[]; remove?: readonly string[] },
  { at, note, most }: { at: string; note: string; most: number },
): Promise<CasesChange> {
  return db.transaction().execute(async tx => {
    // Writing first takes the row, so that the version read next is nobody else's.
    await tx.updateTable('golden_sets').set({ updated_at: at }).where('set_id', '=', setId).execute();
    const set = await tx
      .selectFrom('golden_sets')
      .selectAll()
      .where('set_id', '=', setId)
      .executeTakeFirstOrThrow();
    const before = await liveCases(tx, setId, [...put.map(({ case_id }) => case_id), ...remove]);
    const added = put.filter(({ case_id }) => !before.has(case_id));
    const changed = put.filter(one => {
      const row = before.get(one.case_id);
      return row !== undefined && row.content !== one.content;
    });
    const removed = remove.filter(id => before.has(id));
    const unchanged = put.length - added.length - changed.length;
    if (added.length + changed.length + removed.length === 0)
      return { version: set.version, added: 0, changed: 0, unchanged, removed: 0 };
    const cases = set.cases + added.length - removed.length;
    if (cases > most) throw new TooManyCases(`a set holds at most ${most} cases; this would make ${cases}`);
    const version = set.version + 1;
    await endCases(tx, setId, version, [...changed.map(({ case_id }) => case_id), ...removed]);
    const last = await lastPosition(tx, setId);
    const rows = [
      ...changed.map(one => ({ ...one, ...kept(one, before.get(one.case_id)) })),
      ...added.map((one, at) => ({ ...one, position: last + 1 + at })),
    ].map(one => ({ ...one, set_id: setId, from_version: version, to_version: null }));
    for (let from = 0; from < rows.length; from += batch) {
      await tx
        .insertInto('golden_cases')
        .values(rows.slice(from, from + batch))
        .execute();
    }
    const counts = { added: added.length, changed: changed.length, removed: removed.length };
    await tx
      .insertInto('golden_versions')
      .values({ set_id: setId, version, created_at: at, note, ...counts, cases })
      .execute();
    await tx.updateTable('golden_sets').set({ version, cases }).where('set_id', '=', setId).execute();
    return { version, ...counts, unchanged };
  });
}

type Live = Pick<GoldenCaseRow, 'content' | 'position' | 'source' | 'trace_id' | 'span_id'>;

/** A case that a person rewrites still comes from where it came from. */
function kept({ source }: GoldenCaseWanted, before: Live | undefined) {
  const { position = 0, content: _, ...origin } = before ?? {};
  return source === 'manual' ? { position, ...origin } : { position };
}

async function liveCases(db: StateDb, setId: string, ids: readonly string[]) {
  const found = new Map<string, Live>();
  for (let from = 0; from < ids.length; from += batch) {
    const rows = await db
      .selectFrom('golden_cases')
      .select(['case_id', 'content', 'position', 'source', 'trace_id', 'span_id'])
      .where('set_id', '=', setId)
      .where('to_version', 'is', null)
      .where('case_id', 'in', ids.slice(from, from + batch))
      .execute();
    for (const row of rows) found.set(row.case_id, row);
  }
  return found;
}

async function endCases(db: StateDb, setId: string, version: number, ids: readonly string[]) {
  for (let from = 0; from < ids.length; from += batch) {
    await db
      .updateTable('golden_cases')
      .set({ to_version: version })
      .where('set_id', '=', setId)
      .where('to_version', 'is', null)
      .where('case_id', 'in', ids.slice(from, from + batch))
      .execute();
  }
}

async function lastPosition(db: StateDb, setId: string): Promise<number> {
  const row = await db
    .selectFrom('golden_cases')
    .select(({ fn }) => fn.max('position').as('last'))
    .where('set_id', '=', setId)
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}

export interface CasesQuestion {
  setId: string;
  version: number;
  /** Lower-case text to find; '' is every case. */
  words?: string;
  tag?: string;
  afterPosition?: number;
  limit?: number;
}

/** Of one version, in the order they were added. */
export function readGoldenCases(db: StateDb, asked: CasesQuestion): Promise<GoldenCaseRow[]> {
  const rows = matching(db, asked)
    .selectAll()
    .where('position', '>', asked.afterPosition ?? 0)
    .orderBy('position');
  return (asked.limit === undefined ? rows : rows.limit(asked.limit)).execute();
}

export async function countGoldenCases(db: StateDb, asked: CasesQuestion): Promise<number> {
  const row = await matching(db, asked)
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

function matching(db: StateDb, { setId, version, words = '', tag = '' }: CasesQuestion) {
  const rows = db
    .selectFrom('golden_cases')
    .where('set_id', '=', setId)
    .where('from_version', '<=', version)
    .where(({ or, eb }) => or([eb('to_version', 'is', null), eb('to_version', '>', version)]));
  const worded = words === '' ? rows : rows.where(sql<boolean>`words like ${holding(words)} escape '~'`);
  return tag === ''
    ? worded
    : worded.where(sql<boolean>`tags like ${holding(JSON.stringify(tag))} escape '~'`);
}

/** A pattern both databases read alike. */
const holding = (text: string) => `%${text.replaceAll(/[~%_]/g, found => `~${found}`)}%`;

/** Every tag of a version, as JSON lists. */
export async function readGoldenTags(db: StateDb, asked: CasesQuestion): Promise<string[]> {
  const rows = await matching(db, asked).select('tags').distinct().execute();
  return rows.map(({ tags }) => tags);
}
