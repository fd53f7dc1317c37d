import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';
import { fMeasure, inCommon, nGrams } from './n-grams.ts';

/** As the evaluation script of SQuAD 1.1 (Rajpurkar et al. 2016) compares: lower case, no punctuation, no English articles. */
export function squadWords(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll(/[!-/:-@[-`{-~]/g, '')
    .replaceAll(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .trim();
  return plain === '' ? [] : plain.split(/\s+/);
}

/** F1 of the words of answer and reference, 0 to 1; two texts without words are the same, as in SQuAD 2.0. */
export function tokenF1(output: string, reference: string): number {
  const [said, expected] = [squadWords(output), squadWords(reference)];
  if (said.length === 0 || expected.length === 0) return said.length === expected.length ? 1 : 0;
  const common = inCommon(nGrams(said, 1), nGrams(expected, 1));
  return fMeasure(common / said.length, common / expected.length);
}

export const tokenF1Score = defineEvaluator({
  name: 'token_f1',
  version: 1,
  kind: 'reference',
  summary: 'Words shared with a short reference answer, as SQuAD counts them',
  needs: ['output', 'reference'],
  direction: 'higher',
  settings: z.object({}),
  score: ({ output, reference }) => ({ value: tokenF1(output, reference), label: '', explanation: '' }),
});
