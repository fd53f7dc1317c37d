import { z } from 'zod';
import { type ListedModel, parseListedModel } from '#store/prices/price-list.ts';
import { seriesKey } from '#store/prices/statements.ts';
import { listedOf, termsOf } from '#store/prices/terms.ts';
import type { FileContent, FileEntry, PriceSaid } from './said.ts';

type Read = { entry: Omit<FileEntry, 'fromMs' | 'toMs'> } | { problem: FileContent['problems'][number] };

/** One model of a file in the words of a price list, or what is wrong with it. */
export function readListedModel(raw: Record<string, unknown>, line: number | null): Read {
  const series = { provider: text(raw.provider), model: text(raw.model), region: text(raw.region) };
  try {
    const listed = parseListedModel({ aliases: [], source: '', as_of: '1970-01-01', ...raw });
    return { entry: { ...series, line, ...contentOf(listed, series) } };
  } catch (error) {
    const name = series.model || '(no model)';
    return { problem: { line, what: `${name}: ${wordsOf(error)}`, series: seriesKey(series) } };
  }
}

function contentOf(listed: ListedModel, series: { provider: string; model: string; region: string }) {
  const terms = termsOf(listed);
  // What cannot be written down again cannot be taken.
  listedOf(series, terms, { source: listed.source, asOf: listed.as_of });
  return { terms, source: listed.source, asOf: listed.as_of };
}

/** What keeps these terms from being written down; null when nothing does. */
export function listedModelProblem(said: PriceSaid): string | null {
  if (said.terms === null) return null;
  try {
    listedOf(said, said.terms, { source: said.source, asOf: '1970-01-01' });
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** What zod or a price says is wrong, in one line. */
export function wordsOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues
      .slice(0, 5)
      .map(({ path, message }) => (path.length ? `${path.join('.')}: ${message}` : message))
      .join('; ');
  return error instanceof Error ? error.message : String(error);
}
