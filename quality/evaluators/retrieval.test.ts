import { expect, test } from 'vitest';
import { averagePrecision, contextPrecision, contextRecall } from './context-retrieval.ts';
import { groundedness } from './groundedness.ts';

// Manning, Raghavan and Schütze, Introduction to Information Retrieval, 8.4: the mean of the precision at each relevant document.
// The values are worked out by hand from that definition.
test.each([
  [[true, false, true], (1 + 2 / 3) / 2],
  [[false, true], 1 / 2],
  [[true, true], 1],
  [[false, false], 0],
  [[], 0],
])('average precision of %o is %d', (relevant, expected) => {
  expect(averagePrecision(relevant)).toBeCloseTo(expected, 12);
});

const paris = 'Paris is the capital of France and its largest city.';
const tower = 'The Eiffel Tower was built in 1889 for a world fair.';
const cats = 'Cats sleep most of the day.';
const reference = 'Paris is the capital of France. The Eiffel Tower was built in 1889.';

test('relevant passages first are better than last', () => {
  expect(contextPrecision.score({ reference, context: [paris, tower, cats] })).toMatchObject({ value: 1 });
  expect(contextPrecision.score({ reference, context: [cats, paris] })).toMatchObject({ value: 0.5 });
  expect(contextPrecision.score({ reference, context: [] })).toMatchObject({ value: null });
});

test('recall is the share of statements that were retrieved', () => {
  expect(contextRecall.score({ reference, context: [paris, tower] })).toMatchObject({ value: 1 });
  expect(contextRecall.score({ reference, context: [paris, cats] })).toMatchObject({ value: 0.5 });
  expect(contextRecall.score({ reference, context: [] })).toMatchObject({ value: 0 });
});

test('a sentence that no passage holds makes an answer less grounded, and is quoted', () => {
  const context = [paris, tower];
  expect(
    groundedness.score({ output: 'The capital of France is Paris, it is the largest city.', context }),
  ).toMatchObject({
    value: 1,
  });
  expect(
    groundedness.score({ output: `${reference} It was painted green by elephants from Mars.`, context }),
  ).toMatchObject({ value: 2 / 3, explanation: 'not found: "It was painted green by elephants from Mars."' });
  expect(groundedness.score({ output: paris, context: [] })).toMatchObject({ value: null });
  expect(groundedness.score({ output: paris })).toMatchObject({ value: null, explanation: 'needs context' });
});
