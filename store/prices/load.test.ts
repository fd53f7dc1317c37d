import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, Migrator } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../state/migrations/index.ts';
import { openState, type StateDb } from '../state/open.ts';
import { addPrices, changePriceBook, listPrices, type PriceRow, readPriceRevision } from '../state/prices.ts';
import { sqliteDialect } from '../state/sqlite.ts';
import { loadPriceBook, priceBookReader, readPriceBook } from './load.ts';
import { dateText, segmentsOf } from './statements.ts';

let dataDir: string;
let state: StateDb;
const old = {
  price_id: 'm-1#old',
  provider: 'acme',
  model: 'm-1',
  valid_from: '1970-01-01',
  valid_to: '2026-10-01',
  known_from: '2026-07-01T00:00:00.000Z',
  source: 'price list: a test',
  book: JSON.stringify({
    provider: 'acme',
    model: 'm-1',
    mode: 'chat',
    usd_per_1m: { input: 2 },
    aliases: [],
    source: 'a test',
    as_of: '2026-07-01',
  }),
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-load-'));
  // A state database as it was before the price book could be edited, with a price that was ended in place.
  const before = new Kysely<{ prices: typeof old }>({ dialect: sqliteDialect(dataDir) });
  const known = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0003'));
  const { error } = await new Migrator({
    db: before,
    provider: { getMigrations: async () => known },
  }).migrateToLatest();
  expect(error).toBeUndefined();
  await before.insertInto('prices').values(old).execute();
  await before.destroy();
  state = await openState({ dataDir });
});
afterAll(async () => {
  await state.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

const statement = (more: Partial<PriceRow>): PriceRow => ({
  ...old,
  region: '',
  ended: 0,
  noted_by: 'Ada',
  note: '',
  ...more,
});
const inputAt = async (day: string, knownAt?: string) =>
  (await readPriceBook(state, knownAt)).find({
    provider: 'acme',
    responseModel: 'm-1',
    requestModel: '',
    atMs: Date.parse(day),
  })?.priceVersion ?? null;

describe('a book that is there already', () => {
  test('keeps its prices', async () => {
    const [row] = await listPrices(state);
    expect(row).toEqual({ ...statement({}), noted_by: '' });
    expect(await readPriceRevision(state)).toEqual({ revision: 0, changedAt: old.known_from });
    expect(await inputAt('2026-09-30')).toBe('m-1#old');
    expect(await inputAt('2026-10-01')).toBeNull();
  });

  test('is read anew only when it has changed', async () => {
    const read = priceBookReader(state);
    const first = await read();
    const { revision } = await readPriceRevision(state);
    expect(revision).toBe(1);
    expect(await read()).toBe(first);
    // Nothing new in the list: nothing is written by whoever starts next.
    await loadPriceBook(state);
    expect((await readPriceRevision(state)).revision).toBe(revision);
    await changePriceBook(state, 0, async (transaction, known_from) => {
      // Later than everything known, whatever the clock says.
      expect(known_from > old.known_from).toBe(true);
      await addPrices(transaction, [
        statement({ price_id: 'm-1#new', valid_from: '2026-10-01', valid_to: null, known_from }),
      ]);
      return true;
    });
    expect(await read()).not.toBe(first);
    expect(await inputAt('2026-10-01')).toBe('m-1#new');
    expect(await inputAt('2026-10-01', old.known_from)).toBeNull();
  });

  test('never loses what was said', async () => {
    const again = changePriceBook(state, 0, async (transaction, known_from) => {
      await addPrices(transaction, [statement({ price_id: 'm-1#new', known_from })]);
      return true;
    });
    await expect(again).rejects.toThrow();
    const { revision } = await readPriceRevision(state);
    expect(await changePriceBook(state, 0, async () => null)).toBeNull();
    expect((await readPriceRevision(state)).revision).toBe(revision);
  });

  test('is changed by one at a time', async () => {
    const other = await openState({ dataDir });
    const known: string[] = [];
    const change = (db: StateDb, at: number) =>
      changePriceBook(db, 0, async (transaction, known_from) => {
        known.push(known_from);
        await addPrices(transaction, [statement({ price_id: `m-2#${at}`, model: 'm-2', known_from })]);
        return true;
      });
    const before = (await readPriceRevision(state)).revision;
    await Promise.all([0, 1, 2, 3, 4, 5].map(at => change(at % 2 ? state : other, at)));
    await other.destroy();
    expect((await readPriceRevision(state)).revision).toBe(before + 6);
    expect(new Set(known).size).toBe(6);
  });
});

describe('what holds when', () => {
  const said = (valid_from: string, valid_to: string | null, known: number, ended: 0 | 1 = 0) => ({
    valid_from,
    valid_to,
    known_from: `2026-11-0${known}T00:00:00.000Z`,
    ended,
  });
  const text = (segments: ReturnType<typeof segmentsOf>) =>
    segments.map(({ fromMs, toMs, statement: of }) => [
      dateText(fromMs),
      toMs === null ? null : dateText(toMs),
      of.known_from.slice(9, 10),
    ]);

  test('is what was known latest; a correction in between leaves both sides', () => {
    const statements = [said('2026-01-01', null, 1), said('2026-03-01', '2026-04-01', 2)];
    expect(text(segmentsOf(statements))).toEqual([
      ['2026-01-01', '2026-03-01', '1'],
      ['2026-03-01', '2026-04-01', '2'],
      ['2026-04-01', null, '1'],
    ]);
    expect(text(segmentsOf(statements, '2026-11-01T12:00:00Z'))).toEqual([['2026-01-01', null, '1']]);
  });

  test('is nothing after an end, until something is said again', () => {
    const statements = [
      said('2026-01-01', null, 1),
      said('2026-05-01', null, 2, 1),
      said('2026-07-01', null, 3),
    ];
    expect(text(segmentsOf(statements))).toEqual([
      ['2026-01-01', '2026-05-01', '1'],
      ['2026-07-01', null, '3'],
    ]);
    expect(segmentsOf([])).toEqual([]);
  });
});
