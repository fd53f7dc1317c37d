import { z } from 'zod';
import { tokens13a } from './bleu-13a.ts';
import { defineEvaluator } from './evaluator.ts';
import { inCommon, nGrams, total } from './n-grams.ts';

const maxOrder = 4;

/** What BLEU is made of; may be added up over a corpus. By order 1 to 4: n-grams of the answer, and those a reference has. */
export interface BleuCounts {
  matched: number[];
  possible: number[];
  outputLength: number;
  referenceLength: number;
}

/** Clipped matches against the references; the reference nearest in length counts for brevity, of equals the shorter. */
export function bleuCounts(output: string, references: readonly string[]): BleuCounts {
  const said = tokens13a(output);
  const expected = references.map(tokens13a);
  const counts: BleuCounts = {
    matched: [],
    possible: [],
    outputLength: said.length,
    referenceLength: nearest(
      said.length,
      expected.map(tokens => tokens.length),
    ),
  };
  for (let order = 1; order <= maxOrder; order += 1) {
    const grams = nGrams(said, order);
    const best = new Map<string, number>();
    for (const tokens of expected)
      for (const [gram, count] of nGrams(tokens, order)) best.set(gram, Math.max(best.get(gram) ?? 0, count));
    counts.matched.push(inCommon(grams, best));
    counts.possible.push(total(grams));
  }
  return counts;
}

function nearest(length: number, lengths: readonly number[]): number {
  const sorted = [...lengths].sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b);
  return sorted[0] ?? 0;
}

/**
 * BLEU (Papineni et al. 2002) from its counts, 0 to 1, with exponential smoothing (Chen and Cherry 2014, method 3) as sacreBLEU does
 * it. `effectiveOrder`: of a text shorter than four tokens only the orders it has count, for single sentences.
 */
export function bleuFromCounts(counts: BleuCounts, { effectiveOrder = false } = {}): number {
  const { matched, possible, outputLength, referenceLength } = counts;
  if (!matched.some(count => count > 0)) return 0;
  let smoothing = 1;
  let logSum = 0;
  let orders = 0;
  for (let at = 0; at < maxOrder && possible[at]! > 0; at += 1) {
    if (matched[at] === 0) smoothing *= 2;
    logSum += Math.log((matched[at] || 1 / smoothing) / possible[at]!);
    orders += 1;
  }
  // Without effective order a text too short for 4-grams has precision 0 there.
  if (!effectiveOrder && orders < maxOrder) return 0;
  const brevity = outputLength < referenceLength ? Math.exp(1 - referenceLength / outputLength) : 1;
  return brevity * Math.exp(logSum / orders);
}

/** BLEU of a corpus: counts are added up before precision is taken. 0 to 1. */
export function corpusBleu(pairs: readonly { output: string; references: readonly string[] }[]): number {
  const sum: BleuCounts = {
    matched: [0, 0, 0, 0],
    possible: [0, 0, 0, 0],
    outputLength: 0,
    referenceLength: 0,
  };
  for (const { output, references } of pairs) {
    const counts = bleuCounts(output, references);
    sum.matched = sum.matched.map((count, at) => count + counts.matched[at]!);
    sum.possible = sum.possible.map((count, at) => count + counts.possible[at]!);
    sum.outputLength += counts.outputLength;
    sum.referenceLength += counts.referenceLength;
  }
  return bleuFromCounts(sum);
}

/** BLEU of one answer, 0 to 1. */
export function sentenceBleu(output: string, references: readonly string[]): number {
  return bleuFromCounts(bleuCounts(output, references), { effectiveOrder: true });
}

export const bleu = defineEvaluator({
  name: 'bleu',
  version: 1,
  kind: 'reference',
  summary: 'Sentence BLEU: n-grams shared with the reference (13a tokens, exponential smoothing)',
  needs: ['output', 'reference'],
  direction: 'higher',
  settings: z.object({ ignore_case: z.boolean().default(false) }),
  score({ output, reference }, { ignore_case }) {
    const fold = (text: string) => (ignore_case ? text.toLowerCase() : text);
    return { value: sentenceBleu(fold(output), [fold(reference)]), label: '', explanation: '' };
  },
});
