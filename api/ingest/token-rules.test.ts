import { expect, test } from 'vitest';
import type { TokenSource } from '#store/queries/token-accounting.ts';
import { flagMeaning, tokenRule } from './token-rules.ts';

const source = (given: Partial<TokenSource>): TokenSource => ({
  scope_name: 'scope',
  scope_version: '1',
  provider: 'anthropic',
  dialects: ['gen_ai'],
  calls: 5000,
  cached_calls: 0,
  added_calls: 0,
  proven_calls: 0,
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
  expect(tokenRule(source(given))).toEqual({ rule, because: expect.stringMatching(because) });
});

test('a note is explained, also one that came later than this page', () => {
  expect(flagMeaning('subset_exceeds_whole')).toMatch(/larger than its whole/);
  expect(flagMeaning('sum_of_parts_differs')).toContain('"sum of parts differs"');
});
