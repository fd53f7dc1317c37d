import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { viewerZone } from '../clock.ts';
import { useReportingZone } from '../data/onboarding.ts';
import { isRelative, type Range } from '../state/range.ts';
import { quickRanges } from '../state/range-label.ts';
import { shift } from '../state/range-moves.ts';
import { parseRange } from '../state/range-text.ts';
import { useView } from '../state/use-view.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { TextField } from '../ui/text-field.tsx';

/** Quick ranges and words. Default export because it is loaded when it is first opened. */
export default function RangePanel({ onChoose }: { onChoose: (range: Range) => void }) {
  const { view, zone, setView } = useView();
  const reporting = useReportingZone();
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const range = parseRange(text, Date.now(), zone);
    if (range) onChoose(range);
    else setError('Not understood. Try “last 3 h” or “10 Nov 14:00-15:00”.');
  };
  return (
    <div className="w-72 max-w-full">
      <form onSubmit={submit} className="flex items-end gap-2 p-1">
        <TextField
          label="Time range in words"
          className="flex-1"
          placeholder="last 3 h, 10 Nov 14:00-15:00"
          value={text}
          error={error || undefined}
          onChange={event => {
            setText(event.target.value);
            setError('');
          }}
        />
        <Button type="submit" className={error ? 'mb-5' : ''}>
          Show
        </Button>
      </form>
      <ul className="grid grid-cols-2 gap-1 py-2">
        {quickRanges.map(({ label, range }) => {
          const chosen = range.from === view.from && range.to === view.to;
          return (
            <li key={label}>
              <button
                type="button"
                aria-pressed={chosen}
                onClick={() => onChoose(range)}
                className={classes(
                  'flex h-8 w-full items-center rounded-control px-2 text-left hover:bg-surface pointer-coarse:h-11',
                  chosen && 'bg-surface font-semibold',
                )}
              >
                {label}
              </button>
            </li>
          );
        })}
      </ul>
      <div className="flex gap-1 border-t border-line pt-2 lg:hidden">
        <Button look="quiet" className="flex-1" onClick={() => onChoose(shift(view, -1, Date.now()))}>
          <ChevronLeft size={16} aria-hidden /> Earlier
        </Button>
        <Button
          look="quiet"
          className="flex-1"
          disabled={view.to === 'now'}
          onClick={() => onChoose(shift(view, 1, Date.now()))}
        >
          Later <ChevronRight size={16} aria-hidden />
        </Button>
      </div>
      <div className="border-t border-line px-2 pt-2 text-label text-muted">
        Days and hours begin in {zone}
        {view.tz ? '' : ', the reporting zone'}.{' '}
        {viewerZone() !== reporting && (
          <button
            type="button"
            className="text-accent hover:underline"
            onClick={() => setView({ tz: view.tz ? undefined : viewerZone() })}
          >
            {view.tz ? `Use the reporting zone` : `Use ${viewerZone()}`}
          </button>
        )}
        {!isRelative(view) && <p>This range does not move with time.</p>}
      </div>
    </div>
  );
}
