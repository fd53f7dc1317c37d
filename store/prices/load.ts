import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fromPackageRoot } from '../package-root.ts';
import type { StateDb } from '../state/open.ts';
import { addPrices, endPrice, listPrices, type PriceRow } from '../state/prices.ts';
import { PriceBook, type PriceEntry } from './price-book.ts';
import { type ListedModel, parseListedModel, readPriceList } from './price-list.ts';

/**
 * A list says what holds on its date, not since when. The first price known of a model therefore also prices every call
 * before it; a later list that differs begins on its own date and ends its predecessor there.
 */
const always = '1970-01-01';

/** Rows with this source came from us, and only these may be succeeded by a later list of ours. */
const ourSource = 'price list: ';

interface Listing {
  raw: Record<string, unknown>;
  listed: ListedModel;
}

/**
 * The prices of the state database, after adding what the shipped list knows and the database does not. A price is never
 * changed, only succeeded, and one that a person has put in not even that. Fails when the list cannot be read.
 */
export async function loadPriceBook(
  state: StateDb,
  options: { listFile?: string; now?: () => number } = {},
): Promise<PriceBook> {
  const { listFile = fromPackageRoot('store/prices/model-prices.json'), now = Date.now } = options;
  const list = readPriceList(JSON.parse(await readFile(listFile, 'utf8')));
  const knownFrom = new Date(now()).toISOString();
  const rows = await state.transaction().execute(async transaction => {
    await addNews(transaction, list, knownFrom);
    return listPrices(transaction);
  });
  const aliases = new Map(list.map(({ listed }) => [modelKey(listed), listed.aliases]));
  return new PriceBook(rows.map(row => entryOf(row, aliases.get(modelKey(row)) ?? [])));
}

async function addNews(state: StateDb, list: readonly Listing[], knownFrom: string): Promise<void> {
  // In the order of their validity, so the last one stays.
  const latest = new Map((await listPrices(state)).map(row => [modelKey(row), row]));
  for (const { raw, listed } of list) {
    const before = latest.get(modelKey(listed));
    if (before && !succeeds(raw, listed, before)) continue;
    if (before) await endPrice(state, before.price_id, listed.as_of);
    const row = rowOf(raw, listed, before ? listed.as_of : always, knownFrom);
    await addPrices(state, [row]);
    latest.set(modelKey(listed), row);
  }
}

/** An older list than the one the price came from (a downgrade) says nothing new. */
function succeeds(raw: Record<string, unknown>, { as_of }: ListedModel, before: PriceRow): boolean {
  const known = JSON.parse(before.book) as Record<string, unknown>;
  return (
    before.source.startsWith(ourSource) &&
    before.valid_to === null &&
    as_of > parseListedModel(known).as_of &&
    decisive(raw) !== decisive(known)
  );
}

const modelKey = ({ provider, model }: { provider: string; model: string }) => `${provider}/${model}`;

function rowOf(
  raw: Record<string, unknown>,
  listed: ListedModel,
  validFrom: string,
  knownFrom: string,
): PriceRow {
  const hash = createHash('sha256')
    .update(`${validFrom} ${decisive(raw)}`)
    .digest('hex');
  return {
    // `gpt-5.6#3f9a0c11d2e4`: the same price since the same day has the same id in every installation.
    price_id: `${listed.model}#${hash.slice(0, 12)}`,
    provider: listed.provider,
    model: listed.model,
    valid_from: validFrom,
    valid_to: null,
    known_from: knownFrom,
    source: ourSource + listed.source,
    book: JSON.stringify(raw),
  };
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

/** A later list may know more names of a model, which then hold for its earlier prices too. */
function entryOf(row: PriceRow, moreAliases: readonly string[]): PriceEntry {
  const { provider, model, mode, aliases, tiers, usd_per_1m, service_tiers } = parseListedModel(
    JSON.parse(row.book),
  );
  return {
    priceVersion: row.price_id,
    provider,
    model,
    mode,
    aliases: [...new Set([...aliases, ...moreAliases])],
    // The highest threshold first: the first one that is passed holds.
    tiers: tiers.toSorted((a, b) => b.threshold - a.threshold),
    prices: usd_per_1m,
    serviceTiers: service_tiers,
    validFromMs: Date.parse(row.valid_from),
    validToMs: row.valid_to === null ? null : Date.parse(row.valid_to),
    knownFromMs: Date.parse(row.known_from),
  };
}
