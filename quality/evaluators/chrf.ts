import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';
import { fMeasure, inCommon, nGrams, total } from './n-grams.ts';

export interface ChrfOptions {
  /** Longest n-gram of characters. */
  order?: number;
  /** Recall counts beta times as much as precision. */
  beta?: number;
  /** Spaces are characters too. */
  whitespace?: boolean;
}

/** By order: n-grams of the answer, of the reference, and of both. */
type ChrfCounts = [said: number, expected: number, common: number][];

function chrfCounts(
  output: string,
  reference: string,
  { order = 6, whitespace = false }: ChrfOptions,
): ChrfCounts {
  const characters = (text: string) => Array.from(whitespace ? text : text.replaceAll(/\s+/g, ''));
  const [said, expected] = [characters(output), characters(reference)];
  return Array.from({ length: order }, (_, at) => {
    const [one, other] = [nGrams(said, at + 1), nGrams(expected, at + 1)];
    return [total(one), total(other), inCommon(one, other)];
  });
}

/** Orders that one of the texts is too short for are left out, as sacreBLEU does by default. */
function chrfFromCounts(counts: ChrfCounts, beta: number): number {
  const usable = counts.filter(([said, expected]) => said > 0 && expected > 0);
  if (usable.length === 0) return 0;
  const mean = (of: (count: ChrfCounts[number]) => number) =>
    usable.reduce((sum, count) => sum + of(count), 0) / usable.length;
  return fMeasure(
    mean(([said, , common]) => common / said),
    mean(([, expected, common]) => common / expected),
    beta,
  );
}

/** chrF (Popović 2015), 0 to 1: F-score of character n-grams; beta 2 and order 6 as in WMT. */
export function chrf(output: string, reference: string, options: ChrfOptions = {}): number {
  return chrfFromCounts(chrfCounts(output, reference, options), options.beta ?? 2);
}

/** chrF of a corpus: counts are added up, of several references those of the best one. 0 to 1. */
export function corpusChrf(
  pairs: readonly { output: string; references: readonly string[] }[],
  options: ChrfOptions = {},
): number {
  const beta = options.beta ?? 2;
  const best = pairs.flatMap(({ output, references }) => {
    const all = references.map(reference => chrfCounts(output, reference, options));
    return all.sort((one, other) => chrfFromCounts(other, beta) - chrfFromCounts(one, beta)).slice(0, 1);
  });
  const sum = (best[0] ?? []).map((_, order) =>
    [0, 1, 2].map(part => best.reduce((all, counts) => all + counts[order]![part]!, 0)),
  );
  return chrfFromCounts(sum as ChrfCounts, beta);
}

export const chrfScore = defineEvaluator({
  name: 'chrf',
  version: 1,
  kind: 'reference',
  summary: 'chrF2: character n-grams shared with the reference; good for languages with many word forms',
  needs: ['output', 'reference'],
  direction: 'higher',
  settings: z.object({ beta: z.number().gt(0).max(10).default(2) }),
  score: ({ output, reference }, { beta }) => ({
    value: chrf(output, reference, { beta }),
    label: '',
    explanation: '',
  }),
});
