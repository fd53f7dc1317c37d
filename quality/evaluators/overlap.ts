import { nGrams } from './n-grams.ts';
import { sentences, words } from './words.ts';

/** Words that carry no facts by themselves are left in: pairs of words decide. */
const bestOrder = 2;

/**
 * Share of the sentence's word pairs (single words where it has fewer than three) that are in the passages, 0 to 1; null for a sentence
 * without words.
 */
export function support(sentence: string, passages: readonly string[]): number | null {
  const tokens = words(sentence);
  if (tokens.length === 0) return null;
  const order = tokens.length < 3 ? 1 : bestOrder;
  const grams = [...nGrams(tokens, order).keys()];
  const known = new Set(passages.flatMap(passage => [...nGrams(words(passage), order).keys()]));
  return grams.filter(gram => known.has(gram)).length / grams.length;
}

/** Statements of a text: its sentences with at least four words, or all of them when none is that long. */
export function statements(text: string): string[] {
  const all = sentences(text);
  const long = all.filter(sentence => words(sentence).length >= 4);
  return long.length > 0 ? long : all;
}
