import { z } from 'zod';
import { priceDate } from '#contract/price.ts';
import { priceKinds } from '#store/prices/price-list.ts';
import { seriesKey } from '#store/prices/statements.ts';
import { type CsvRecord, readCsv } from './csv.ts';
import { readListedModel, wordsOf } from './listed-model.ts';
import type { FileContent } from './said.ts';

/** Columns of a price file beside one for every kind. One price may take several rows: see `service_tier`. */
export const csvColumns = [
  'provider',
  'model',
  'region',
  'valid_from',
  'valid_to',
  /** Empty in the first row of a price; the further rows give the prices of a service tier … */
  'service_tier',
  /** … or of requests with more input. */
  'above_input_tokens',
  'mode',
  'currency',
  'max_input_tokens',
  'max_output_tokens',
  'aliases',
  'source',
] as const;

type Column = (typeof csvColumns)[number] | (typeof priceKinds)[number];
type Row = Partial<Record<Column, string>> & { line: number };

const required = ['provider', 'model'] as const;
const known: ReadonlySet<string> = new Set([...csvColumns, ...priceKinds]);
const cell = (row: Row, name: Column) => row[name]?.trim() ?? '';

/** The prices of a CSV file as exported; columns may come in any order, and those left out are empty. */
export function readCsvPrices(text: string): FileContent {
  const content: FileContent = { entries: [], problems: [] };
  const whole = (line: number | null, what: string) => {
    content.problems.push({ line, what, series: null });
    return content;
  };
  let records: CsvRecord[];
  try {
    records = readCsv(text);
  } catch (error) {
    const message = wordsOf(error);
    return whole(Number(/^line (\d+)/.exec(message)?.[1] ?? 1), message);
  }
  const [head, ...body] = records;
  if (!head) return whole(null, 'the file is empty');
  const columns = head.cells.map(name => name.trim().toLowerCase());
  const unknown = columns.filter(name => !known.has(name));
  const missing = required.filter(name => !columns.includes(name));
  if (missing.length > 0) return whole(head.line, `there is no column ${missing.join(' and no column ')}`);
  // What nobody reads might have been meant to change what a call costs.
  if (unknown.length > 0) return whole(head.line, `nobody knows the column ${unknown.join(', ')}`);
  const groups = new Map<string, Row[]>();
  for (const { line, cells } of body) {
    const row: Row = { line, ...Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ''])) };
    if (cells.length > columns.length && cells.slice(columns.length).some(value => value.trim() !== '')) {
      const what = `${cells.length} cells where the first line has ${columns.length}`;
      content.problems.push({ line, what, series: seriesOf(row) });
      continue;
    }
    const key = `${seriesOf(row)}\n${cell(row, 'valid_from')}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  for (const rows of groups.values()) readPrice(rows, content);
  return content;
}

const seriesOf = (row: Row) =>
  seriesKey({ provider: cell(row, 'provider'), model: cell(row, 'model'), region: cell(row, 'region') });

/** A price from its rows: the first for what it costs ordinarily, the others for tiers. */
function readPrice(rows: Row[], content: FileContent): void {
  const problem = wrongRow(rows);
  if (problem) {
    const what = `${cell(rows[0]!, 'model') || '(no model)'}: ${problem.what}`;
    content.problems.push({ line: problem.line, what, series: seriesOf(rows[0]!) });
    return;
  }
  const base = rows.find(isBase)!;
  const read = readListedModel(listedModel(base, rows), base.line);
  if ('problem' in read) content.problems.push(read.problem);
  else
    content.entries.push({
      ...read.entry,
      fromMs: dayOf(base, 'valid_from') ?? 0,
      toMs: dayOf(base, 'valid_to'),
    });
}

const isBase = (row: Row) => cell(row, 'service_tier') === '' && cell(row, 'above_input_tokens') === '';
const dayOf = (row: Row, name: 'valid_from' | 'valid_to') =>
  cell(row, name) === '' ? null : Date.parse(cell(row, name));

function wrongRow(rows: readonly Row[]): { line: number; what: string } | null {
  for (const row of rows) {
    const what = badCell(row);
    if (what !== null) return { line: row.line, what };
  }
  const [base, second] = rows.filter(isBase);
  if (!base) return { line: rows[0]!.line, what: 'a tier without a row for the ordinary price' };
  if (second) return { line: second.line, what: `the same price stands on line ${base.line} too` };
  const validTo = dayOf(base, 'valid_to');
  if (validTo !== null && validTo <= (dayOf(base, 'valid_from') ?? 0))
    return { line: base.line, what: 'valid_to is not after valid_from' };
  return null;
}

/** What is wrong with a cell of this row, naming the column; null when all can be read. */
function badCell(row: Row): string | null {
  for (const name of ['valid_from', 'valid_to'] as const) {
    const value = cell(row, name);
    if (value !== '' && !priceDate.safeParse(value).success)
      return `${name}: "${value}" is not a day such as 2026-11-01`;
  }
  for (const name of ['above_input_tokens', 'max_input_tokens', 'max_output_tokens'] as const) {
    const value = cell(row, name);
    if (value !== '' && !/^[1-9]\d{0,14}$/.test(value))
      return `${name}: "${value}" is not a number of tokens`;
  }
  for (const kind of priceKinds) {
    const value = cell(row, kind);
    if (
      value !== '' &&
      !z
        .string()
        .regex(/^\d{1,12}(\.\d{1,15})?$/)
        .safeParse(value).success
    )
      return `${kind}: "${value}" is not a price; write a decimal number such as 0.075`;
  }
  if (cell(row, 'service_tier') !== '' && cell(row, 'above_input_tokens') !== '')
    return 'a row is about a service tier or about long requests, not about both';
  return null;
}

function listedModel(base: Row, rows: readonly Row[]): Record<string, unknown> {
  const { image, search, rerank, ...perMillion } = pricesOf(base);
  const most = (name: 'max_input_tokens' | 'max_output_tokens') =>
    cell(base, name) === '' ? {} : { [name]: Number(cell(base, name)) };
  const tiers = rows.filter(row => cell(row, 'above_input_tokens') !== '');
  const service = rows.filter(row => cell(row, 'service_tier') !== '');
  return {
    provider: cell(base, 'provider'),
    model: cell(base, 'model'),
    region: cell(base, 'region'),
    mode: cell(base, 'mode') || 'chat',
    currency: cell(base, 'currency') || 'USD',
    usd_per_1m: perMillion,
    ...(image !== undefined && { usd_per_image: { output: image } }),
    ...(search !== undefined && { usd_per_1k_searches: perThousand(search) }),
    ...(rerank !== undefined && { usd_per_1k_rerank_units: perThousand(rerank) }),
    ...most('max_input_tokens'),
    ...most('max_output_tokens'),
    aliases: cell(base, 'aliases')
      .split('|')
      .map(alias => alias.trim())
      .filter(alias => alias !== ''),
    tiers: tiers.map(row => ({
      when: 'input_tokens_including_cache_above',
      threshold: Number(cell(row, 'above_input_tokens')),
      applies_to: 'whole request',
      usd_per_1m: pricesOf(row),
    })),
    service_tiers: Object.fromEntries(service.map(row => [cell(row, 'service_tier'), pricesOf(row)])),
    source: cell(base, 'source'),
  };
}

function pricesOf(row: Row): Record<string, string> {
  return Object.fromEntries(
    priceKinds.flatMap(kind => (cell(row, kind) === '' ? [] : [[kind, cell(row, kind)]])),
  );
}

/** A thousand times a decimal. */
function perThousand(decimal: string): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const moved = whole + fraction.padEnd(3, '0').slice(0, 3);
  const rest = fraction.slice(3);
  return rest === '' ? moved : `${moved}.${rest}`;
}
