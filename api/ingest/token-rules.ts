import type { TokenAccounting } from '#contract/ingest.ts';
import type { FlaggedCalls, TokenSource } from '#store/queries/token-accounting.ts';

/** Notes on a call that say nothing about its token numbers, or that the rule already tells. */
export const flagsBesideTokens = [
  'cache_added_to_input',
  'truncated',
  'clock_skew',
  'negative_duration',
  'from_log_record',
];

const flagMeanings: Record<string, string> = {
  subset_exceeds_whole:
    'A part is larger than its whole: cached or audio tokens above the input, or reasoning above the output. One of the two numbers is wrong, and so is the cost.',
  total_tokens_only:
    'Only a total was sent. Input and output cost differently, so the cost can only be given as a range.',
  value_out_of_range:
    'A number is negative, not whole or absurdly large. It is treated as unknown rather than added up.',
  estimated_from_aggregate:
    'No model call was sent, only the sum of an agent or workflow; that sum is counted as one call.',
};

/** What a note on a call means, for a person. */
function flagMeaning(flag: string): string {
  return Object.hasOwn(flagMeanings, flag)
    ? (flagMeanings[flag] as string)
    : `The collector noted "${flag.replaceAll('_', ' ')}" while it read the numbers; the example shows which.`;
}

/** How the input of an instrumentation's calls was read, and why, in a sentence. */
function tokenRule(source: TokenSource): Pick<TokenAccounting, 'rule' | 'because'> {
  const { cached_calls: cached, added_calls: added, proven_calls: proven } = source;
  if (cached === 0) {
    const because = 'No call used the cache, so input is taken as sent; the question has not come up yet.';
    return { rule: 'no_cache_seen', because };
  }
  if (added === 0) return { rule: 'includes_cache', because: whyIncluded(source) };
  if (added === cached) return { rule: 'cache_added', because: whyAdded(source) };
  const because = `${provenIn(proven, cached)}, so there they were added; in the other ${calls(cached - added)} they fit inside the input, which was taken as sent.`;
  return { rule: 'mixed', because };
}

/** Everything about one instrumentation: the rule, and what does not add up, that rule included when it is two. */
export function tokenAccounting(source: TokenSource, flagged: readonly FlaggedCalls[]): TokenAccounting {
  const { scope_name, scope_version, provider, calls: all, cached_calls, added_calls, as_sent } = source;
  const { rule, because } = tokenRule(source);
  const own = flagged.filter(
    one => one.scope_name === scope_name && one.scope_version === scope_version && one.provider === provider,
  );
  const contradictions = own.map(({ flag, calls: count, trace_id, span_id }) => ({
    flag,
    meaning: flagMeaning(flag),
    calls: count,
    trace_id,
    span_id,
  }));
  if (rule === 'mixed') {
    const meaning =
      'The arithmetic shows that this sender leaves cached tokens out of some inputs. If it always does, these calls, where nothing proves it, are counted too low. Compare one with the provider’s own figures.';
    const flag = 'cache_counted_both_ways';
    contradictions.unshift({ flag, meaning, calls: cached_calls - added_calls, ...as_sent });
  }
  return { scope_name, scope_version, provider, rule, because, calls: all, cached_calls, contradictions };
}

function whyIncluded({ dialects, cached_calls: cached }: TokenSource): string {
  if (dialects.length === 1 && dialects[0] === 'langfuse') {
    return 'Langfuse sends uncached, cached and cache-writing input apart; input is their sum.';
  }
  const which = cached === 1 ? 'the one cached call' : `all ${calls(cached)} that used the cache`;
  return `In ${which}, the cached tokens fit inside the input, as the conventions ask; it is taken as sent.`;
}

function whyAdded({ cached_calls: cached, proven_calls: proven }: TokenSource): string {
  const known =
    'This instrumentation passes on the provider’s own input number, which leaves cached tokens out; they were added.';
  if (proven === 0) return known;
  if (proven === cached) return `${provenIn(proven, cached)}, so input cannot contain them; they were added.`;
  return `${known} The numbers agree: ${lower(provenIn(proven, cached))}.`;
}

/** The arithmetic that leaves no choice. */
function provenIn(proven: number, cached: number): string {
  const where = proven === cached ? (cached === 1 ? 'the one cached call' : `all ${calls(cached)}`) : '';
  const of = where || `${proven.toLocaleString('en')} of ${calls(cached)}`;
  return `In ${of}${where ? '' : ' that used the cache'}, the cached tokens alone were more than the input as sent`;
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
const calls = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'call' : 'calls'}`;
