import type { PriceDifference, PricePreview, PriceTerms } from '#contract/price.ts';
import { listSource, namesOf, type PriceStatements, priceId } from '#store/prices/load.ts';
import { parseListedModel } from '#store/prices/price-list.ts';
import { always, bySeries, dateText, type Segment, segmentsOf, seriesKey } from '#store/prices/statements.ts';
import { listedOf, termsOf, termsText } from '#store/prices/terms.ts';
import type { PriceAliasRow, PriceRow } from '#store/state/prices.ts';
import type { AliasSaid, PriceSaid, Said, Series } from './said.ts';
import { fieldsBetween } from './terms-diff.ts';

/** What has to be written down so that the book says what was said, and what that changes. */
export interface Plan {
  prices: PriceRow[];
  aliases: PriceAliasRow[];
  differences: PriceDifference[];
  counts: PricePreview['counts'];
  /** The stretch of time before now that changes, Unix milliseconds; null when none does. */
  past: { fromMs: number; toMs: number } | null;
  /** When the last of the changes has begun, Unix milliseconds; 0 without any that begins. */
  lastFromMs: number;
}

interface Noted {
  knownFrom: string;
  notedBy: string;
  note: string;
}

/** A stretch in which what was said differs from what holds. */
interface Change {
  said: PriceSaid;
  fromMs: number;
  toMs: number;
  before: PriceRow | null;
}

/** Compares what was said with what holds. Nothing is said twice: where the book says the same already, nothing is written. */
export function planChanges(book: PriceStatements, said: Said, noted: Noted): Plan {
  const series = bySeries(book.prices);
  const counts = { new: 0, changed: 0, ended: 0, alias: 0, unchanged: 0, kept: 0 };
  const changes: Change[] = [];
  for (const one of said.prices) {
    const holding = segmentsOf(series.get(seriesKey(one)) ?? []);
    const found = changesOf(one, holding);
    const kept = one.listed && found.some(({ before }) => before !== null && isOwn(before));
    if (kept) counts.kept += 1;
    else if (found.length === 0) counts.unchanged += one.terms === null ? 0 : 1;
    else changes.push(...found);
  }
  const differences = changes.map(differenceOf);
  for (const { kind } of differences) counts[kind] += 1;
  const aliases = newAliases(book, said, noted);
  counts.alias = aliases.length;
  return {
    prices: rowsOf(changes, series, noted, new Set(book.prices.map(({ price_id }) => price_id))),
    aliases,
    differences: [...differences, ...aliases.map(aliasDifference)],
    counts,
    lastFromMs: changes.reduce((latest, { fromMs }) => Math.max(latest, fromMs), 0),
    past: pastOf(changes, aliases.length > 0, Date.parse(noted.knownFrom)),
  };
}

/** Put in by a person, not by a list of vendors' prices. */
export const isOwn = ({ source }: { source: string }) => !source.startsWith(listSource);

const millisOf = (toMs: number | null) => toMs ?? Infinity;

export const termsOfRow = (row: PriceRow): PriceTerms => termsOf(parseListedModel(JSON.parse(row.book)));

/** Terms in the one way they are written down, whatever the order and the zeros they came with. */
function termsAsKept(series: Series, terms: PriceTerms): PriceTerms {
  return termsOf(parseListedModel(listedOf(series, terms, { source: '', asOf: '1970-01-01' })));
}

function changesOf(said: PriceSaid, holding: readonly Segment<PriceRow>[]): Change[] {
  const end = millisOf(said.toMs);
  const inside = holding.filter(({ fromMs, toMs }) => fromMs < end && millisOf(toMs) > said.fromMs);
  const edges = new Set([said.fromMs, end]);
  for (const { fromMs, toMs } of inside) {
    edges.add(Math.max(fromMs, said.fromMs));
    edges.add(Math.min(millisOf(toMs), end));
  }
  const sorted = [...edges].sort((a, b) => a - b);
  const after = said.terms && termsText(termsAsKept(said, said.terms));
  return sorted.slice(0, -1).flatMap((fromMs, at) => {
    const before = inside.find(one => one.fromMs <= fromMs && millisOf(one.toMs) > fromMs)?.statement ?? null;
    if ((before && termsText(termsOfRow(before))) === after) return [];
    return [{ said, fromMs, toMs: sorted[at + 1]!, before }];
  });
}

/** One statement for each unbroken stretch of changes that say the same. */
function rowsOf(
  changes: readonly Change[],
  series: ReadonlyMap<string, PriceRow[]>,
  noted: Noted,
  taken: Set<string>,
): PriceRow[] {
  const stretches: Change[] = [];
  for (const change of changes) {
    const last = stretches.at(-1);
    if (last?.said === change.said && last.toMs === change.fromMs) last.toMs = change.toMs;
    else stretches.push({ ...change });
  }
  return stretches.map(({ said, fromMs, toMs }) => {
    const validFrom = fromMs === 0 ? always : dateText(fromMs);
    const lastBook = series.get(seriesKey(said))?.at(-1)?.book ?? '';
    const words = said.terms === null ? 'ended' : termsText(termsAsKept(said, said.terms));
    const price_id = priceId(said.model, `${validFrom} ${words}`, taken);
    taken.add(price_id);
    const asOf = noted.knownFrom.slice(0, 10);
    return {
      price_id,
      provider: said.provider,
      model: said.model,
      region: said.region,
      valid_from: validFrom,
      valid_to: toMs === Infinity ? null : dateText(toMs),
      known_from: noted.knownFrom,
      ended: said.terms === null ? 1 : 0,
      source: said.source,
      noted_by: noted.notedBy,
      note: noted.note,
      book:
        said.terms === null
          ? lastBook
          : JSON.stringify(listedOf(said, { ...said.terms, aliases: [] }, { source: said.source, asOf })),
    };
  });
}

function differenceOf({ said, fromMs, toMs, before }: Change): PriceDifference {
  const { provider, model, region, terms } = said;
  return {
    kind: before === null ? 'new' : terms === null ? 'ended' : 'changed',
    provider,
    model,
    region,
    valid_from: fromMs === 0 ? null : dateText(fromMs),
    valid_to: toMs === Infinity ? null : dateText(toMs),
    own: before !== null && isOwn(before),
    fields: fieldsBetween(before && termsOfRow(before), terms && termsAsKept(said, terms)),
  };
}

/** Names said that do not hold, and names that hold and are said to be none. */
function newAliases(book: PriceStatements, { aliases, prices }: Said, noted: Noted): PriceAliasRow[] {
  const names = namesOf(book.prices, book.aliases);
  const asked: AliasSaid[] = [
    ...prices.flatMap(({ provider, model, terms }) =>
      (terms?.aliases ?? []).map(alias => ({ provider, model, alias, removed: false })),
    ),
    ...aliases,
  ];
  const rows = new Map<string, PriceAliasRow>();
  for (const { provider, model, alias, removed } of asked) {
    const holds = names.get(`${provider}\n${model}`)?.has(alias) ?? false;
    if (holds !== removed) continue;
    rows.set(`${provider}\n${model}\n${alias}`, {
      provider,
      model,
      alias,
      known_from: noted.knownFrom,
      removed: removed ? 1 : 0,
      noted_by: noted.notedBy,
      note: noted.note,
    });
  }
  return [...rows.values()];
}

function aliasDifference({ provider, model, alias, removed }: PriceAliasRow): PriceDifference {
  const [before, after] = removed === 1 ? [alias, null] : [null, alias];
  const fields = [{ field: 'alias', before, after }];
  return { kind: 'alias', provider, model, region: '', valid_from: null, valid_to: null, own: false, fields };
}

function pastOf(changes: readonly Change[], names: boolean, nowMs: number): Plan['past'] {
  // A name is about all of a model's calls.
  if (names) return { fromMs: 0, toMs: nowMs };
  const before = changes.filter(({ fromMs }) => fromMs < nowMs);
  if (before.length === 0) return null;
  return {
    fromMs: Math.min(...before.map(({ fromMs }) => fromMs)),
    toMs: Math.min(nowMs, Math.max(...before.map(({ toMs }) => toMs))),
  };
}
