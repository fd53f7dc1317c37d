import type { Price, PriceStatement } from '#contract/price.ts';
import { namesOf, type PriceStatements } from '#store/prices/load.ts';
import { always, bySeries, dateText, segmentsOf } from '#store/prices/statements.ts';
import type { PriceRow } from '#store/state/prices.ts';
import { isOwn, termsOfRow } from './plan.ts';

export interface PricesAsked {
  /** ISO 8601: as known then. */
  knownAt?: string | undefined;
  /** Only what is valid then. */
  validMs?: number | undefined;
  /** Part of a provider, model or alias, in any case. */
  search: string;
}

/** What holds, by provider, model and time. */
export function pricesOf(book: PriceStatements, { knownAt, validMs, search }: PricesAsked): Price[] {
  const names = namesOf(book.prices, book.aliases, knownAt);
  const wanted = search.trim().toLowerCase();
  return [...bySeries(book.prices).values()].flatMap(statements =>
    segmentsOf(statements, knownAt)
      .filter(
        ({ fromMs, toMs }) => validMs === undefined || (fromMs <= validMs && (toMs ?? Infinity) > validMs),
      )
      .map(({ fromMs, toMs, statement }) => ({
        ...statementOf(statement, names),
        valid_from: fromMs === 0 ? null : dateText(fromMs),
        valid_to: toMs === null ? null : dateText(toMs),
      }))
      .filter(price => wanted === '' || wordsOf(price).some(word => word.toLowerCase().includes(wanted)))
      .map(({ ended: _, ...price }) => price),
  );
}

const wordsOf = ({ provider, model, region, aliases }: Price) => [
  provider,
  model,
  `${provider}/${model}`,
  region,
  ...aliases,
];

/** Everything said about one model, the latest knowledge first. */
export function statementsOf(
  book: PriceStatements,
  { provider, model, region }: { provider: string; model: string; region: string },
): PriceStatement[] {
  const names = namesOf(book.prices, book.aliases);
  return book.prices
    .filter(row => row.provider === provider && row.model === model && row.region === region)
    .sort((a, b) => (a.known_from < b.known_from ? 1 : a.known_from > b.known_from ? -1 : 0))
    .map(row => statementOf(row, names));
}

function statementOf(row: PriceRow, names: ReadonlyMap<string, ReadonlySet<string>>): PriceStatement {
  const { provider, model, region, price_id, known_from, source, noted_by, note } = row;
  return {
    price_id,
    provider,
    model,
    region,
    ...termsOfRow(row),
    aliases: [...(names.get(`${provider}\n${model}`) ?? [])],
    valid_from: row.valid_from === always ? null : row.valid_from,
    valid_to: row.valid_to,
    known_from,
    source,
    own: isOwn(row),
    noted_by,
    note,
    ended: row.ended === 1,
  };
}
