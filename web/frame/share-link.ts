import { rangeLabel } from '../state/range-label.ts';
import { frozen } from '../state/range-moves.ts';
import { stringifySearch } from '../state/search.ts';
import type { View } from '../state/view.ts';

/** Copies a link to this page and says what was copied. A moving range is frozen, so that the other person sees the same. */
export async function shareLink(view: View, zone: string, ranged: boolean): Promise<string> {
  const url = new URL(location.href);
  const range = frozen(view, Date.now());
  if (ranged) url.search = stringifySearch({ ...Object.fromEntries(url.searchParams), ...range, tz: zone });
  try {
    await navigator.clipboard.writeText(url.href);
  } catch {
    return 'Copying is not allowed here; copy the address of the page instead';
  }
  return ranged ? `Link copied, time frozen to ${rangeLabel(range, zone)} (${zone})` : 'Link copied';
}
