export const reviewTabs = ['items', 'agreement'] as const;

/** Which queue, and what of it; without a tab the item at hand. */
export interface ReviewSearch {
  q?: string | undefined;
  tab?: (typeof reviewTabs)[number] | undefined;
}

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readReviewSearch({ q, tab }: Record<string, unknown>): ReviewSearch {
  const search: ReviewSearch = {};
  if (typeof q === 'string' && /^[a-z0-9][a-z0-9_-]{0,59}$/.test(q)) search.q = q;
  const known = reviewTabs.find(one => one === tab);
  if (known) search.tab = known;
  return search;
}
