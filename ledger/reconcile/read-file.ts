import { type CsvRecord, readCsv } from './csv.ts';
import { anthropicCost, anthropicCsvFormat, anthropicNames, anthropicUsage } from './formats/anthropic.ts';
import { focusLine, isFocus } from './formats/focus.ts';
import { openAiCosts, openAiCsvFormat, openAiNames, openAiUsage } from './formats/openai.ts';
import { BadLine, type ProviderFile, type ProviderLine, stepOf, timeOf } from './provider-line.ts';

/** The file is none that can be compared; the message says what was expected. */
export class UnknownFile extends Error {}

const EXPECTED =
  'expected are the usage or costs export of OpenAI (CSV or JSON), the usage or cost report of Anthropic (CSV or JSON), or FOCUS 1.2 as CSV';

/** Finds out what a file is by its content and reads it; lines that cannot be read are told one by one. */
export function readProviderFile(content: string): ProviderFile {
  const text = content.trimStart();
  return text.startsWith('{') || text.startsWith('[') ? readJson(text) : readTable(content);
}

function readTable(content: string): ProviderFile {
  const { columns, records, refused } = readCsv(content);
  const format =
    openAiCsvFormat(columns) ?? anthropicCsvFormat(columns) ?? (isFocus(columns) ? 'focus_csv' : null);
  if (format === null) {
    throw new UnknownFile(
      `The columns ${columns.slice(0, 6).join(', ')} … are of no known file; ${EXPECTED}.`,
    );
  }
  const readers = {
    openai_usage_csv: (fields: CsvRecord['fields']) => openAiUsage(fields),
    openai_costs_csv: (fields: CsvRecord['fields']) => openAiCosts(fields),
    anthropic_usage_csv: (fields: CsvRecord['fields']) => anthropicUsage(fields),
    anthropic_cost_csv: (fields: CsvRecord['fields']) => anthropicCost(fields),
    focus_csv: focusLine,
  };
  const read = readers[format as keyof typeof readers];
  const lines: ProviderLine[] = [];
  for (const { line, fields } of records) take(lines, refused, line, () => read(fields));
  const amountColumn = {
    openai_costs_csv: 'amount_value',
    anthropic_cost_csv: 'cost_usd',
    focus_csv: 'BilledCost',
  }[format as string];
  return {
    format,
    providers: providersOf(format, records),
    currency: currencyOf(
      format,
      records.map(({ fields }) => fields),
    ),
    lines,
    refused: refused.sort((a, b) => a.line - b.line),
    read: records.length,
    stepNanos: amountColumn ? stepOf(records.map(({ fields }) => fields[amountColumn] ?? '')) : 0n,
    notes: [],
  };
}

interface Bucket {
  startMs: number;
  endMs: number;
  results: unknown[];
}

function readJson(text: string): ProviderFile {
  const results = bucketsOf(parse(text)).flatMap(({ results, ...bucket }) =>
    results.map(result => ({ bucket, fields: flat(result) })),
  );
  const has = (name: string) => results.some(({ fields }) => fields[name] !== undefined);
  const format = has('amount.value')
    ? 'openai_costs_json'
    : has('num_model_requests') ||
        results.some(({ fields }) => fields.object?.startsWith('organization.usage.'))
      ? 'openai_usage_json'
      : has('uncached_input_tokens')
        ? 'anthropic_usage_json'
        : has('amount')
          ? 'anthropic_cost_json'
          : null;
  if (format === null) throw new UnknownFile(`This JSON holds no usage and no costs; ${EXPECTED}.`);
  const readers = {
    openai_usage_json: openAiUsage,
    openai_costs_json: openAiCosts,
    anthropic_usage_json: anthropicUsage,
    anthropic_cost_json: anthropicCost,
  };
  const lines: ProviderLine[] = [];
  const refused: { line: number; why: string }[] = [];
  for (const [at, { bucket, fields }] of results.entries()) {
    take(lines, refused, at + 1, () => {
      const named = { ...fields, start_time: String(bucket.startMs / 1000) };
      if (format === 'openai_usage_json' || format === 'openai_costs_json')
        return readers[format](named, bucket.endMs);
      return readers[format](named, bucket);
    });
  }
  const amounts = results.map(({ fields }) => fields['amount.value'] ?? fields.amount ?? '');
  return {
    format,
    providers: providersOf(format, []),
    currency: currencyOf(
      format,
      results.map(({ fields }) => fields),
    ),
    lines,
    refused,
    read: results.length,
    // Numbers of JSON lose their last zeros, so that a round amount says nothing about the step.
    stepNanos: format === 'anthropic_cost_json' ? stepOf(amounts) / 100n : 0n,
    notes: [],
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Pages that were written one after the other.
    const lines = text.split('\n').filter(line => line.trim() !== '');
    try {
      return lines.map(line => JSON.parse(line) as unknown);
    } catch {
      throw new UnknownFile('The file begins like JSON but is not.');
    }
  }
}

/** Buckets of one page or several. */
function bucketsOf(page: unknown): Bucket[] {
  if (Array.isArray(page)) return page.flatMap(bucketsOf);
  if (typeof page !== 'object' || page === null) return [];
  const { data, results, start_time, end_time, starting_at, ending_at } = page as Record<string, unknown>;
  if (Array.isArray(data)) return data.flatMap(bucketsOf);
  const start = start_time ?? starting_at;
  if (!Array.isArray(results) || start === undefined) return [];
  const startMs = timeOf(String(start), 'start_time');
  const end = end_time ?? ending_at;
  return [
    {
      startMs,
      endMs: end === undefined || end === null ? startMs + 86_400_000 : timeOf(String(end), 'end_time'),
      results,
    },
  ];
}

/** Values as text by path; null is not there. */
function flat(value: unknown, path = '', into: Record<string, string> = {}): Record<string, string> {
  if (typeof value !== 'object' || value === null) return into;
  for (const [key, inner] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof inner === 'object') flat(inner, name, into);
    else if (inner !== undefined) into[name] = String(inner);
  }
  return into;
}

function take(
  lines: ProviderLine[],
  refused: { line: number; why: string }[],
  line: number,
  read: () => ProviderLine[],
): void {
  try {
    lines.push(...read());
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    refused.push({ line, why: error.message });
  }
}

function providersOf(format: string, records: readonly CsvRecord[]): string[] {
  if (format.startsWith('openai')) return openAiNames;
  if (format.startsWith('anthropic')) return anthropicNames;
  const named = new Set(
    records.map(({ fields }) => (fields.PublisherName || fields.ProviderName || '').toLowerCase()),
  );
  // Resellers publish under names of their own; then the models decide.
  const known = [...named].map(name => /^(openai|anthropic)\b/.exec(name)?.[1]);
  return known.length > 0 && known.every(name => name !== undefined) ? ([...new Set(known)] as string[]) : [];
}

function currencyOf(format: string, records: readonly Record<string, string | undefined>[]): string {
  if (format.startsWith('openai_usage') || format.startsWith('anthropic_usage')) return '';
  const named = new Set(
    records.flatMap(
      fields =>
        fields.amount_currency ??
        fields['amount.currency'] ??
        fields.BillingCurrency ??
        fields.currency ??
        [],
    ),
  );
  named.delete('');
  const currencies = [...new Set([...named].map(name => name.toUpperCase()))];
  if (currencies.length > 1)
    throw new UnknownFile(`The file mixes currencies (${currencies.join(', ')}): split it.`);
  return currencies[0] ?? 'USD';
}
