import { expect, test } from 'vitest';
import type { TokenSource } from '#store/queries/token-accounting.ts';
import { tokenAccounting } from './token-rules.ts';

const source = (given: Partial<TokenSource>): TokenSource => ({
  scope_name: 'scope',
  scope_version: '1',
  provider: 'anthropic',
  dialects: ['gen_ai'],
  calls: 5000,
  cached_calls: 0,
  added_calls: 0,
  proven_calls: 0,
  as_sent: { trace_id: '', span_id: '' },
  ...given,
});

test.each([
  [{}, 'no_cache_seen', /^No call used the cache/],
  [{ cached_calls: 1 }, 'includes_cache', /^In the one cached call, .* fit inside the input/],
  [{ cached_calls: 1200 }, 'includes_cache', /^In all 1,200 calls that used the cache/],
  [{ cached_calls: 9, dialects: ['langfuse'] }, 'includes_cache', /^Langfuse sends .* apart/],
  [{ cached_calls: 9, added_calls: 9 }, 'cache_added', /passes on the provider’s own .* they were added\.$/],
  [{ cached_calls: 9, added_calls: 9, proven_calls: 4 }, 'cache_added', /numbers agree: in 4 of 9 calls/],
  [{ cached_calls: 9, added_calls: 9, proven_calls: 9 }, 'cache_added', /^In all 9 calls, .* cannot contain/],
  [{ cached_calls: 9, added_calls: 4, proven_calls: 4 }, 'mixed', /^In 4 of 9 calls .* other 5 calls/],
])('%j is %s', (given, rule, because) => {
  expect(tokenAccounting(source(given), [])).toMatchObject({
    rule,
    because: expect.stringMatching(because),
  });
});

test('what does not add up is explained with an example, also a note that came later than this page', () => {
  const example = { trace_id: 'a', span_id: 'b' };
  const flagged = ['subset_exceeds_whole', 'sum_of_parts_differs'].map(flag => ({
    ...source({}),
    flag,
    calls: 3,
    ...example,
  }));
  const elsewhere = { ...flagged[0]!, provider: 'openai' };
  const mixed = source({ cached_calls: 9, added_calls: 4, as_sent: { trace_id: 'c', span_id: 'd' } });
  const { contradictions } = tokenAccounting(mixed, [...flagged, elsewhere]);
  expect(contradictions).toEqual([
    {
      flag: 'cache_counted_both_ways',
      calls: 5,
      trace_id: 'c',
      span_id: 'd',
      meaning: expect.stringMatching(/counted too low/),
    },
    {
      flag: 'subset_exceeds_whole',
      calls: 3,
      meaning: expect.stringMatching(/larger than its whole/),
      ...example,
    },
    {
      flag: 'sum_of_parts_differs',
      calls: 3,
      meaning: expect.stringContaining('"sum of parts differs"'),
      ...example,
    },
  ]);
});
