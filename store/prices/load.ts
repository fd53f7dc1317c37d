import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fromPackageRoot } from '../package-root.ts';
import { type ExchangeRateRow, listExchangeRates } from '../state/exchange-rates.ts';
import type { StateDb } from '../state/open.ts';
import { listOverlayVersions, type PriceOverlayVersion } from '../state/price-overlays.ts';
import {
  addPriceAliases,
  addPrices,
  changePriceBook,
  listPriceAliases,
  listPrices,
  type PriceAliasRow,
  type PriceRow,
  readPriceRevision,
} from '../state/prices.ts';
import { PriceBook } from './price-book.ts';
import { type ExchangeRate, entryOfListed, type PriceEntry, type PriceOverlay } from './price-entry.ts';
import { type ListedModel, parseListedModel, pricesFrom, readPriceList } from './price-list.ts';
import { always, bySeries, dateText, type Segment, segmentsOf, seriesKey } from './statements.ts';

/** Statements with this source came from us, and only these may be succeeded by a later list of ours. */
export const listSource = 'price list: ';

interface Listing {
  raw: Record<string, unknown>;
  listed: ListedModel;
}

/** Everything ever said that the price book is made of. */
export interface PriceStatements {
  prices: readonly PriceRow[];
  aliases: readonly PriceAliasRow[];
  overlays: readonly PriceOverlayVersion[];
  rates: readonly ExchangeRateRow[];
}

export interface LoadOptions {
  listFile?: string;
  now?: () => number;
}

/**
 * The prices of the state database, after adding what the shipped list knows and the database does not. A price is never
 * changed, only succeeded, and one that a person has put in not even that. Fails when the list cannot be read.
 */
export async function loadPriceBook(state: StateDb, options: LoadOptions = {}): Promise<PriceBook> {
  await addShippedPrices(state, options);
  return readPriceBook(state);
}

/** The prices of the state database; with `knownAt` (ISO 8601) as they were known then. */
export async function readPriceBook(state: StateDb, knownAt?: string): Promise<PriceBook> {
  return priceBookOf(await readPriceStatements(state), knownAt);
}

export async function readPriceStatements(state: StateDb): Promise<PriceStatements> {
  return {
    prices: await listPrices(state),
    aliases: await listPriceAliases(state),
    overlays: await listOverlayVersions(state),
    rates: await listExchangeRates(state),
  };
}

/**
 * To be asked every few seconds: the shipped list is looked at once, and the prices are read again only when the book has
 * changed since.
 */
export function priceBookReader(state: StateDb, options: LoadOptions = {}): () => Promise<PriceBook> {
  let known: { revision: number; book: PriceBook } | null = null;
  return async () => {
    if (!known) await addShippedPrices(state, options);
    const { revision } = await readPriceRevision(state);
    // Read after its revision: at worst a book is read once more than necessary.
    if (known?.revision !== revision) known = { revision, book: await readPriceBook(state) };
    return known.book;
  };
}

/** The book that these statements make. */
export function priceBookOf(statements: PriceStatements, knownAt?: string): PriceBook {
  const names = namesOf(statements.prices, statements.aliases, knownAt);
  const known = ({ known_from }: { known_from: string }) => knownAt === undefined || known_from <= knownAt;
  return new PriceBook(
    statements.prices.filter(known).map(row => entryOf(row, names)),
    {
      overlays: statements.overlays.filter(known).map(overlayOf),
      rates: statements.rates.filter(known).map(rateOf),
    },
  );
}

const modelKey = ({ provider, model }: { provider: string; model: string }) => `${provider}\n${model}`;

/** Further names of a model (`provider\nmodel`), in all of its history. */
export function namesOf(
  prices: readonly PriceRow[],
  aliases: readonly PriceAliasRow[],
  knownAt?: string,
): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  const known = ({ known_from }: { known_from: string }) => knownAt === undefined || known_from <= knownAt;
  for (const row of prices.filter(known)) {
    const of = names.get(modelKey(row)) ?? new Set();
    const { aliases: listed = [] } = JSON.parse(row.book) as { aliases?: string[] };
    for (const alias of listed) of.add(alias);
    names.set(modelKey(row), of);
  }
  for (const row of aliases.filter(known)) {
    const of = names.get(modelKey(row)) ?? new Set();
    if (row.removed === 1) of.delete(row.alias);
    else of.add(row.alias);
    names.set(modelKey(row), of);
  }
  return names;
}

async function addShippedPrices(state: StateDb, options: LoadOptions): Promise<void> {
  const { listFile = fromPackageRoot('store/prices/model-prices.json'), now = Date.now } = options;
  const list = readPriceList(JSON.parse(await readFile(listFile, 'utf8')));
  await changePriceBook(state, now(), async (transaction, knownFrom) => {
    const news = newsOf(list, await readPriceStatements(transaction), knownFrom);
    if (news.prices.length === 0 && news.aliases.length === 0) return null;
    await addPrices(transaction, news.prices);
    await addPriceAliases(transaction, news.aliases);
    return news;
  });
}

/** What the list says and the book does not. */
function newsOf(
  list: readonly Listing[],
  book: PriceStatements,
  knownFrom: string,
): { prices: PriceRow[]; aliases: PriceAliasRow[] } {
  const series = bySeries(book.prices);
  const said = new Set(book.aliases.map(row => `${modelKey(row)}\n${row.alias}`));
  const names = namesOf(book.prices, book.aliases);
  const prices: PriceRow[] = [];
  const aliases: PriceAliasRow[] = [];
  const taken = new Set(book.prices.map(({ price_id }) => price_id));
  for (const { raw, listed } of list) {
    const key = seriesKey(listed);
    const before = series.get(key);
    const from = before ? successorFrom(raw, listed, segmentsOf(before).at(-1)) : always;
    if (from !== null) {
      const row = rowOf(raw, listed, from, knownFrom, taken);
      taken.add(row.price_id);
      prices.push(row);
      series.set(key, [...(before ?? []), row]);
    }
    if (!before) continue;
    const known = names.get(modelKey(listed));
    for (const alias of listed.aliases) {
      // A name that a person has taken away stays away.
      if (known?.has(alias) || said.has(`${modelKey(listed)}\n${alias}`)) continue;
      said.add(`${modelKey(listed)}\n${alias}`);
      const { provider, model } = listed;
      const note = listSource + listed.source;
      aliases.push({ provider, model, alias, known_from: knownFrom, removed: 0, noted_by: '', note });
    }
  }
  return { prices, aliases };
}

/**
 * Since when the list's price takes the place of the last one; null when it does not. A list says what holds on its date, not
 * since when: a later list that differs begins on its own date. An older one (a downgrade) says nothing new.
 */
function successorFrom(
  raw: Record<string, unknown>,
  { as_of }: ListedModel,
  last: Segment<PriceRow> | undefined,
): string | null {
  if (last === undefined || last.toMs !== null || !last.statement.source.startsWith(listSource)) return null;
  const known = JSON.parse(last.statement.book) as Record<string, unknown>;
  if (as_of <= parseListedModel(known).as_of || decisive(raw) === decisive(known)) return null;
  return dateText(Math.max(Date.parse(as_of), last.fromMs));
}

function rowOf(
  raw: Record<string, unknown>,
  listed: ListedModel,
  validFrom: string,
  knownFrom: string,
  taken: ReadonlySet<string>,
): PriceRow {
  return {
    price_id: priceId(listed.model, `${validFrom} ${decisive(raw)}`, taken),
    provider: listed.provider,
    model: listed.model,
    region: listed.region,
    valid_from: validFrom,
    valid_to: null,
    known_from: knownFrom,
    ended: 0,
    source: listSource + listed.source,
    noted_by: '',
    note: '',
    book: JSON.stringify(raw),
  };
}

/**
 * `gpt-5.6#3f9a0c11d2e4`: the same price since the same day has the same id in every installation. Said once more, after something
 * else was said, it is `gpt-5.6#3f9a0c11d2e4.2`.
 */
export function priceId(model: string, said: string, taken: ReadonlySet<string>): string {
  const id = `${model}#${createHash('sha256').update(said).digest('hex').slice(0, 12)}`;
  let free = id;
  for (let nth = 2; taken.has(free); nth += 1) free = `${id}.${nth}`;
  return free;
}

/** Everything that decides what a call costs, and nothing else. */
function decisive({
  provider,
  model,
  mode,
  usd_per_1m,
  tiers,
  service_tiers,
}: Record<string, unknown>): string {
  return canonicalJson({ provider, model, mode, usd_per_1m, tiers, service_tiers });
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}

function entryOf(row: PriceRow, names: Map<string, Set<string>>): PriceEntry {
  const listed = parseListedModel(JSON.parse(row.book));
  const statement = {
    priceVersion: row.price_id,
    validFromMs: Date.parse(row.valid_from),
    validToMs: row.valid_to === null ? null : Date.parse(row.valid_to),
    knownFromMs: Date.parse(row.known_from),
    ended: row.ended === 1,
  };
  return entryOfListed({ ...listed, aliases: [...(names.get(modelKey(row)) ?? [])] }, statement);
}

function overlayOf({ overlay_id, project_id, terms, ...row }: PriceOverlayVersion): PriceOverlay {
  const isCommitmentOnly = terms.discount_percent === null && Object.keys(terms.prices).length === 0;
  return {
    overlayId: overlay_id,
    version: row.version,
    projectId: project_id,
    provider: terms.provider,
    model: terms.model,
    percentOff: terms.discount_percent,
    prices: pricesFrom(terms.prices),
    currency: terms.currency,
    committed: terms.commitment_usd_per_month !== null,
    paidAhead: terms.commitment_usd_per_month !== null && terms.paid_ahead,
    validFromMs: Date.parse(terms.valid_from),
    validToMs: terms.valid_to === null ? null : Date.parse(terms.valid_to),
    knownFromMs: Date.parse(row.known_from),
    // Without a price of its own it must not hide another overlay that has one.
    withdrawn: row.withdrawn || isCommitmentOnly,
  };
}

const rateOf = ({ currency, day, usd_per_unit, known_from }: ExchangeRateRow): ExchangeRate => ({
  currency,
  dayMs: Date.parse(day),
  usdPerUnit: usd_per_unit,
  knownFromMs: Date.parse(known_from),
});
