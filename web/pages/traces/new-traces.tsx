import { ArrowUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLive } from '../../data/live.ts';
import type { useTraces } from '../../data/traces.ts';
import { useView } from '../../state/use-view.ts';
import { Button } from '../../ui/button.tsx';

const SCROLLED_PX = 80;
const EVERY_MS = 2000;

/** Follows the data while the reader is at the top; once they have scrolled, new rows wait behind a button. */
export function NewTraces({ traces }: { traces: ReturnType<typeof useTraces> }) {
  const { view } = useView();
  const { arrivals } = useLive();
  const seen = useRef(arrivals);
  const refreshedAt = useRef(0);
  const [waiting, setWaiting] = useState(false);
  const { refetch } = traces;
  useEffect(() => {
    if (arrivals === seen.current || view.to !== 'now') return;
    seen.current = arrivals;
    if (window.scrollY > SCROLLED_PX) {
      setWaiting(true);
      return;
    }
    const wait = Math.max(0, refreshedAt.current + EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      refreshedAt.current = Date.now();
      void refetch();
    }, wait);
    return () => clearTimeout(timer);
  }, [arrivals, view.to, refetch]);
  if (!waiting) return null;
  const show = () => {
    setWaiting(false);
    window.scrollTo({ top: 0 });
    void refetch();
  };
  return (
    <div className="fixed inset-x-0 top-20 z-20 flex justify-center" role="status">
      <Button look="primary" className="!rounded-full shadow-popover" onClick={show}>
        <ArrowUp size={16} aria-hidden />
        New traces
      </Button>
    </div>
  );
}
