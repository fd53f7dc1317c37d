import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chrf, corpusChrf } from './chrf.ts';

// sacreBLEU test/test_chrf.py, `test_cases_effective_order` (order 6, beta 3): orders a text is too short for do not count.
test.each([
  [['a'], ['a'], 100],
  [[''], ['reference'], 0],
  [['a b c'], ['a b c'], 100],
  [['a b c'], ['abc'], 100],
  [[''], ['c'], 0],
  [['a', 'b'], ['a', 'c'], 50],
  [['aa'], ['ab'], 25],
])('%j against %j scores %d', (outputs, references, expected) => {
  const pairs = outputs.map((output, at) => ({ output, references: [references[at]!] }));
  expect(corpusChrf(pairs, { beta: 3 }) * 100).toBeCloseTo(expected, 4);
});

// The same file, `test_cases_keep_whitespace`.
test.each([
  [
    'Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.',
    'Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.',
    67.3481606,
  ],
  [
    'risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .',
    'risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .',
    65.2414427,
  ],
])('%j scores as sacreBLEU', (output, reference, expected) => {
  expect(chrf(output, reference, { beta: 3, whitespace: true }) * 100).toBeCloseTo(expected, 4);
});

// sacreBLEU README: `chrf.corpus_score(sys, refs)` says `chrF2 = 59.73`.
test('the corpus of the README with two references scores 59.73', () => {
  const pairs = [
    { output: 'The dog bit the man.', references: ['The dog bit the man.', 'The dog had bit the man.'] },
    { output: "It wasn't surprising.", references: ['It was not unexpected.', 'No one was surprised.'] },
    {
      output: 'The man had just bitten him.',
      references: ['The man bit him first.', 'The man had bitten the dog.'],
    },
  ];
  expect((corpusChrf(pairs) * 100).toFixed(2)).toBe('59.73');
});

test('identical texts score 1, beta 1 is symmetric, all is between 0 and 1', () => {
  const text = fc.string({ minLength: 1, maxLength: 30 }).filter(text => /\S/.test(text));
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(chrf(one, one)).toBeCloseTo(1, 12);
      expect(chrf(one, other, { beta: 1 })).toBeCloseTo(chrf(other, one, { beta: 1 }), 12);
      expect(chrf(one, other)).toBeGreaterThanOrEqual(0);
      expect(chrf(one, other)).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});
