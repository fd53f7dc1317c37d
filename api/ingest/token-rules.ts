import type { TokenSource } from '#store/queries/token-accounting.ts';

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
export function flagMeaning(flag: string): string {
  return Object.hasOwn(flagMeanings, flag)
    ? (flagMeanings[flag] as string)
    : `The collector noted "${flag.replaceAll('_', ' ')}" while it read the numbers; the example shows which.`;
}

type Rule = 'includes_cache' | 'cache_added' | 'mixed' | 'no_cache_seen';

/** How the input of an instrumentation's calls was read, and why, in a sentence. */
export function tokenRule(source: TokenSource): { rule: Rule; because: string } {
  const { cached_calls: cached, added_calls: added, proven_calls: proven } = source;
  if (cached === 0) {
    const because = 'No call used the cache, so input is taken as sent; the question has not come up yet.';
    return { rule: 'no_cache_seen', because };
  }
  if (added === 0) return { rule: 'includes_cache', because: whyIncluded(source) };
  if (added === cached) return { rule: 'cache_added', because: whyAdded(source) };
  const others = calls(cached - added);
  const because = `${provenIn(proven, cached)}, so there they were added; in the other ${others} they fit inside the input and it was taken as sent. If this sender always leaves cached tokens out, those ${others} are counted too low: check one.`;
  return { rule: 'mixed', because };
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
