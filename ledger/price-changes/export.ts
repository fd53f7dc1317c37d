import type { KindPrices, PriceTerms } from '#contract/price.ts';
import { namesOf, type PriceStatements } from '#store/prices/load.ts';
import { parseListedModel, priceKinds } from '#store/prices/price-list.ts';
import { bySeries, dateText, segmentsOf } from '#store/prices/statements.ts';
import { listedOf, termsOf } from '#store/prices/terms.ts';
import { writeCsv } from './csv.ts';
import { csvColumns } from './from-csv.ts';

interface Holding {
  provider: string;
  model: string;
  region: string;
  terms: PriceTerms;
  /** Null: for as long as anybody knows. */
  validFrom: string | null;
  validTo: string | null;
  source: string;
  asOf: string;
}

/** Every price that holds at some time, as known at `knownAt`, by provider, model and time. */
function holdings({ prices, aliases }: PriceStatements, knownAt?: string): Holding[] {
  const names = namesOf(prices, aliases, knownAt);
  return [...bySeries(prices).values()].flatMap(statements =>
    segmentsOf(statements, knownAt).map(({ fromMs, toMs, statement }) => {
      const listed = parseListedModel(JSON.parse(statement.book));
      const { provider, model, region } = statement;
      return {
        provider,
        model,
        region,
        terms: { ...termsOf(listed), aliases: [...(names.get(`${provider}\n${model}`) ?? [])] },
        validFrom: fromMs === 0 ? null : dateText(fromMs),
        validTo: toMs === null ? null : dateText(toMs),
        source: statement.source,
        asOf: listed.as_of,
      };
    }),
  );
}

/** The book as JSON that can be read in again; the shape of a price list, with the time each price holds. */
export function exportJson(book: PriceStatements, generated: string, knownAt?: string): string {
  const models = holdings(book, knownAt).map(({ terms, validFrom, validTo, ...one }) => ({
    ...listedOf(one, terms, one),
    valid_from: validFrom,
    valid_to: validTo,
  }));
  const head = {
    schema: 1,
    unit: 'per 1,000,000 tokens unless the field says otherwise, in USD unless a currency is given',
    generated,
  };
  // One model a line, so that two exports can be compared line by line.
  const lines = models.map(model => `  ${JSON.stringify(model)}`).join(',\n');
  return `${JSON.stringify(head, null, 1).slice(0, -2)},\n "models": [\n${lines}\n ]\n}\n`;
}

/** The book as CSV that can be read in again: a row for each price, and further ones for its tiers. */
export function exportCsv(book: PriceStatements, knownAt?: string): string {
  const rows = holdings(book, knownAt).flatMap(holding => {
    const { terms } = holding;
    return [
      csvRow(holding, terms.prices, {
        mode: terms.mode,
        currency: terms.currency,
        max_input_tokens: String(terms.max_input_tokens ?? ''),
        max_output_tokens: String(terms.max_output_tokens ?? ''),
        aliases: terms.aliases.join('|'),
        source: holding.source,
      }),
      ...terms.tiers.map(({ threshold, prices }) =>
        csvRow(holding, prices, { above_input_tokens: String(threshold) }),
      ),
      ...Object.entries(terms.service_tiers).map(([service_tier, prices]) =>
        csvRow(holding, prices, { service_tier }),
      ),
    ];
  });
  return writeCsv([[...csvColumns, ...priceKinds], ...rows]);
}

function csvRow(
  holding: Holding,
  prices: KindPrices,
  more: Partial<Record<(typeof csvColumns)[number], string>>,
) {
  const cells: Record<string, string> = {
    provider: holding.provider,
    model: holding.model,
    region: holding.region,
    valid_from: holding.validFrom ?? '',
    valid_to: holding.validTo ?? '',
    ...more,
  };
  return [...csvColumns.map(name => cells[name] ?? ''), ...priceKinds.map(kind => prices[kind] ?? '')];
}
