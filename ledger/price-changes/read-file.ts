import type { PriceChange } from '#contract/price.ts';
import type { PriceStatements } from '#store/prices/load.ts';
import { bySeries, dateText, seriesKey } from '#store/prices/statements.ts';
import { readCsvPrices } from './from-csv.ts';
import { readJsonPrices } from './from-json.ts';
import type { FileEntry, PriceSaid, Said } from './said.ts';

/**
 * What a price file says: the CSV or JSON of an export, or a price list of vendors' prices. From the first day a model has in the
 * file on, the file says all there is: days it leaves out have no price any more. Models it does not name are not touched. Of a
 * model with a bad row nothing is taken, since the rest alone would say something else; every other model is.
 */
export function saidByFile({ name, text }: { name: string; text: string }, book: PriceStatements): Said {
  const content = /^\s*[[{]/.test(text) ? readJsonPrices(text) : readCsvPrices(text);
  const problems = content.problems.map(({ line, what }) => ({ line, what }));
  const bad = new Set(content.problems.map(({ series }) => series));
  const prices: PriceSaid[] = [];
  const known = bySeries(book.prices);
  for (const [series, entries] of bySeries(content.entries)) {
    if (bad.has(series)) continue;
    const dated = entries
      .map(entry => ({ ...entry, fromMs: entry.fromMs ?? (known.has(series) ? Date.parse(entry.asOf) : 0) }))
      .sort((a, b) => a.fromMs - b.fromMs);
    const overlap = dated.find((entry, at) => at > 0 && endOf(dated[at - 1]!) > entry.fromMs);
    if (overlap) {
      const day = dateText(overlap.fromMs);
      problems.push({
        line: overlap.line,
        what: `${overlap.model} has two prices for ${day}: end the first one there`,
      });
      continue;
    }
    const listed = entries.some(({ fromMs }) => fromMs === null);
    prices.push(...withEnds(dated).map(entry => saidOf(entry, name, listed)));
  }
  return { prices, aliases: [], problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

const endOf = ({ toMs }: { toMs: number | null }) => toMs ?? Infinity;

type Dated = FileEntry & { fromMs: number };

/** The prices with the ends that days left out mean. */
function withEnds(dated: readonly Dated[]): Dated[] {
  return dated.flatMap((entry, at) => {
    const next = dated[at + 1]?.fromMs ?? Infinity;
    if (entry.toMs === null || entry.toMs >= next) return [entry];
    const gap = { ...entry, terms: null, fromMs: entry.toMs, toMs: next === Infinity ? null : next };
    return [entry, gap];
  });
}

function saidOf(entry: Dated, file: string, listed: boolean): PriceSaid {
  const { provider, model, region, terms, fromMs, toMs } = entry;
  const source = listed ? `price list: ${entry.source}` : ownSource(entry.source, `file ${file}`);
  return { provider, model, region, terms, fromMs, toMs, source, listed };
}

/** What a person says must not look as if a list of ours had said it: the next list would take its place. */
function ownSource(source: string, otherwise: string): string {
  return source === '' || source.startsWith('price list: ') ? otherwise : source;
}

/** What changes made one by one say. Two of them about the same days of one model are a problem. */
export function saidByChanges(changes: readonly PriceChange[]): Said {
  const said: Said = { prices: [], aliases: [], problems: [] };
  for (const [at, change] of changes.entries()) {
    if (change.action === 'alias') {
      const { provider, model, alias, remove } = change;
      said.aliases.push({ provider, model, alias, removed: remove });
      continue;
    }
    const one = saidByChange(change);
    const problem = wrongWith(one, said.prices);
    if (problem) said.problems.push({ line: null, what: `change ${at + 1}: ${problem}` });
    else said.prices.push(one);
  }
  return said;
}

function saidByChange(change: Exclude<PriceChange, { action: 'alias' }>): PriceSaid {
  const { provider, model, region } = change;
  const of = { provider, model, region, listed: false };
  if (change.action === 'end')
    return { ...of, terms: null, fromMs: Date.parse(change.at), toMs: null, source: 'put in here' };
  const { valid_from, valid_to, source, mode, currency, prices, tiers, service_tiers, aliases } = change;
  const { max_input_tokens, max_output_tokens } = change;
  return {
    ...of,
    terms: { mode, currency, prices, tiers, service_tiers, aliases, max_input_tokens, max_output_tokens },
    fromMs: valid_from === null ? 0 : Date.parse(valid_from),
    toMs: valid_to === null ? null : Date.parse(valid_to),
    source: ownSource(source, 'put in here'),
  };
}

function wrongWith(said: PriceSaid, others: readonly PriceSaid[]): string | null {
  if (endOf(said) <= said.fromMs) return 'the price ends before it begins';
  const clash = others.some(
    other => seriesKey(other) === seriesKey(said) && other.fromMs < endOf(said) && endOf(other) > said.fromMs,
  );
  return clash ? `another change is about the same days of ${said.model}` : null;
}
