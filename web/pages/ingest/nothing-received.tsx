import { Link } from '@tanstack/react-router';
import { ago, exact } from '../../clock.ts';
import type { Ingest } from '../../data/ingest.ts';
import { absolute, spanMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { Note } from '../../states/note.tsx';
import { Button, controlClasses } from '../../ui/button.tsx';

/** Why there is nothing: the store is away, nothing ever came, or nothing came in this time. */
export function NothingReceived({ ingest: { store_answers, totals } }: { ingest: Ingest }) {
  const { view, zone, setView } = useView();
  if (!store_answers)
    return <Note title="Shown again as soon as the store answers; nothing is lost meanwhile." />;
  if (totals.last_received_at === null)
    return (
      <Note title="No sender has reached this Driftline.">
        <Link to="/get-started" className={controlClasses('primary')}>
          How to send data
        </Link>
      </Note>
    );
  const now = Date.now();
  const last = Date.parse(totals.last_received_at);
  return (
    <Note title="Nothing was received in this time.">
      <span title={exact(last, zone)}>Last received {ago(last, now, zone)}.</span>
      <Button onClick={() => setView(absolute(last - spanMs(view, now), last + 60_000))}>Jump there</Button>
    </Note>
  );
}
