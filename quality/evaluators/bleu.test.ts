import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bleuCounts, bleuFromCounts, corpusBleu, sentenceBleu } from './bleu.ts';
import { tokens13a } from './bleu-13a.ts';

// sacreBLEU README and test/test_bleu.py, `test_corpus_bleu_cases` (tokenize 13a, smooth exp).
const outputs = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.'];
const references = [
  ['The dog bit the man.', 'The dog had bit the man.'],
  ['It was not unexpected.', 'No one was surprised.'],
  ['The man bit him first.', 'The man had bitten the dog.'],
];

test('a corpus with two references scores what sacreBLEU says: 48.530827', () => {
  const pairs = outputs.map((output, at) => ({ output, references: references[at]! }));
  expect(corpusBleu(pairs) * 100).toBeCloseTo(48.530827, 6);
  const empty = pairs.map(pair => ({ ...pair, output: '' }));
  expect(corpusBleu(empty)).toBe(0);
});

// sacreBLEU test/test_sentence_bleu.py (smooth exp, tok 13a, effective order).
test.each([
  [
    'Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;',
    'producţia de zahăr brut se exprimă în zahăr alb;',
    8.493,
  ],
  ['this is a cat', 'okay thanks', 0],
  // test_bleu.py, `test_case_effective_order`: exp(1 - 2/1), and the identical text.
  ['test', 'a test', 36.78794411714425],
  ['a test', 'a test', 100],
])('the sentence %j against %j scores %d', (output, reference, expected) => {
  expect(sentenceBleu(output, [reference]) * 100).toBeCloseTo(expected, 3);
});

// sacreBLEU test/test_bleu.py, `test_case_scoring` and `test_case_statistics`.
test('counts and what is made of them', () => {
  const counts = {
    matched: [9, 7, 5, 3],
    possible: [10, 8, 6, 4],
    outputLength: 11,
    referenceLength: 11,
  };
  expect(bleuFromCounts(counts)).toBeCloseTo(0.8375922397, 8);
  const stated = bleuCounts('am I am a character sequence', ['I am a symbol string sequence a a']);
  expect([stated.matched, stated.possible]).toEqual([
    [4, 2, 1, 0],
    [6, 5, 4, 3],
  ]);
});

// By hand from the rules of mteval-v13a.
test.each([
  ['Hello, world! It costs 3.50 (or 1,000).', 'Hello , world ! It costs 3.50 ( or 1,000 ) .'],
  ['&quot;A-B&quot; in 2019-2020', '" A-B " in 2019 - 2020'],
  ['split-\nword', 'splitword'],
])('%j has the 13a tokens %j', (text, tokens) => {
  expect(tokens13a(text).join(' ')).toBe(tokens);
});

test('identical texts score 1, others between 0 and 1', () => {
  const text = fc.array(fc.stringMatching(/^[a-zé]{1,6}$/), { minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(sentenceBleu(one.join(' '), [one.join(' ')])).toBeCloseTo(1, 12);
      const value = sentenceBleu(one.join(' '), [other.join(' ')]);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }),
  );
});
