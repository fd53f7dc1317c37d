import { z } from 'zod';
import { defineEvaluator, type Evaluator, notJudged } from './evaluator.ts';
import { fMeasure, inCommon, nGrams, total } from './n-grams.ts';
import { words } from './words.ts';

/** Each 0 to 1. */
export interface Rouge {
  precision: number;
  recall: number;
  f: number;
}

/** The longest common subsequence takes time in the product of the lengths. */
const longestTokens = 5_000;

/** ROUGE-N (Lin 2004): n-grams shared with the reference, without stemming. */
export function rougeN(output: string, reference: string, n: number): Rouge {
  const [said, expected] = [nGrams(words(output), n), nGrams(words(reference), n)];
  return rates(inCommon(said, expected), total(said), total(expected));
}

/** ROUGE-L (Lin 2004): longest common subsequence of the whole texts. */
export function rougeL(output: string, reference: string): Rouge {
  const [said, expected] = [words(output), words(reference)];
  return rates(longestCommon(said, expected), said.length, expected.length);
}

function rates(common: number, said: number, expected: number): Rouge {
  const precision = common / Math.max(said, 1);
  const recall = common / Math.max(expected, 1);
  return { precision, recall, f: fMeasure(precision, recall) };
}

function longestCommon(one: readonly string[], other: readonly string[]): number {
  let above = new Uint32Array(other.length + 1);
  for (const word of one) {
    const row = new Uint32Array(other.length + 1);
    for (let at = 1; at <= other.length; at += 1) {
      row[at] = word === other[at - 1] ? above[at - 1]! + 1 : Math.max(above[at]!, row[at - 1]!);
    }
    above = row;
  }
  return above[other.length]!;
}

const settings = z.object({
  measure: z.enum(['f', 'precision', 'recall']).default('f').describe('recall is what Lin (2004) reports'),
});

function rouge(
  name: string,
  summary: string,
  measured: (output: string, reference: string) => Rouge,
): Evaluator {
  return defineEvaluator({
    name,
    version: 1,
    kind: 'reference',
    summary,
    needs: ['output', 'reference'],
    direction: 'higher',
    settings,
    score({ output, reference }, { measure }) {
      if (Math.max(words(output).length, words(reference).length) > longestTokens) {
        return notJudged(`longer than ${longestTokens} words`);
      }
      const { precision, recall, f } = measured(output, reference);
      return {
        value: { precision, recall, f }[measure],
        label: '',
        explanation: `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
      };
    },
  });
}

export const rouge1 = rouge('rouge_1', 'Words shared with the reference', (output, reference) =>
  rougeN(output, reference, 1),
);
export const rouge2 = rouge('rouge_2', 'Pairs of words shared with the reference', (output, reference) =>
  rougeN(output, reference, 2),
);
export const rougeLongest = rouge('rouge_l', 'Longest run of words in the order of the reference', rougeL);
