import { timeSeconds, viewerZone } from '../clock.ts';
import { useLive } from '../data/live.ts';

/** Whether the page follows the data: a full dot and a word, or a ring when it does not. */
export function LiveDot() {
  const { state, lastMs } = useLive();
  const last = lastMs === null ? '' : `, last update ${timeSeconds(lastMs, viewerZone())}`;
  const words = state === 'live' ? 'Live' : state === 'paused' ? `Live paused${last}` : 'Connecting';
  return (
    <span className="inline-flex items-center gap-2 px-1 text-label text-muted" title={words} role="status">
      <span
        className={
          state === 'live'
            ? 'size-2 rounded-full bg-good'
            : 'size-2 rounded-full border-[1.5px] border-control'
        }
      />
      <span className="max-md:sr-only">{words}</span>
    </span>
  );
}
