import { Check, Share2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useView } from '../state/use-view.ts';
import { Button } from '../ui/button.tsx';

/** Copies a link to what is on screen. */
export function Share({ ranged }: { ranged: boolean }) {
  const { view, zone } = useView();
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(''), 4000);
    return () => clearTimeout(timer);
  }, [said]);
  const share = async () => {
    const { shareLink } = await import('./share-link.ts');
    setSaid(await shareLink(view, zone, ranged));
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
