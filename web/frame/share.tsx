import { Check, Share2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { frozen, rangeLabel } from '../state/range.ts';
import { stringifySearch } from '../state/search.ts';
import { useView } from '../state/use-view.ts';
import { Button } from '../ui/button.tsx';

/** Copies a link to what is on screen. A moving range is frozen, so that the other person sees the same. */
export function Share({ ranged }: { ranged: boolean }) {
  const { view, zone } = useView();
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(''), 4000);
    return () => clearTimeout(timer);
  }, [said]);
  const share = async () => {
    const url = new URL(location.href);
    const range = frozen(view, Date.now());
    if (ranged) {
      const search = { ...Object.fromEntries(url.searchParams), ...range, tz: zone };
      url.search = stringifySearch(search);
    }
    try {
      await navigator.clipboard.writeText(url.href);
      setSaid(ranged ? `Link copied, time frozen to ${rangeLabel(range, zone)} (${zone})` : 'Link copied');
    } catch {
      setSaid('Copying is not allowed here; copy the address of the page instead');
    }
  };
  return (
    <div className="relative">
      <Button
        look="quiet"
        onClick={() => void share()}
        title="Copy a link to this view"
        className="max-xl:w-8 max-xl:px-0 pointer-coarse:max-xl:w-11"
      >
        {said ? <Check size={16} aria-hidden /> : <Share2 size={16} aria-hidden />}
        <span className="max-xl:sr-only">Share</span>
      </Button>
      <div role="status" className="absolute right-0 top-full z-40 mt-2 w-max max-w-[min(320px,90vw)]">
        {said && <p className="rounded-card border border-line bg-bg px-3 py-2 shadow-popover">{said}</p>}
      </div>
    </div>
  );
}
