import { Link } from '@tanstack/react-router';
import { ago, dayTime } from '../clock.ts';
import { useOnboarding } from '../data/onboarding.ts';
import { dimensionLabels } from '../state/filters.ts';
import { absolute, spanMs } from '../state/range.ts';
import { useView } from '../state/use-view.ts';
import { Button, controlClasses } from '../ui/button.tsx';
import { Note } from './note.tsx';

interface EmptyProps {
  /** What there is none of: `requests`, `scores`. */
  what: string;
  /** Newest stored data, ISO 8601. */
  dataUntil?: string | null | undefined;
}

/** The three kinds of nothing: no data ever, none for these filters, none in this range. */
export function Empty({ what, dataUntil }: EmptyProps) {
  const onboarding = useOnboarding();
  const { view, zone, setView } = useView();
  if (onboarding.data?.first_span === null)
    return (
      <Note title="No data has arrived yet.">
        <Link to="/get-started" className={controlClasses('primary')}>
          Send the first span
        </Link>
      </Note>
    );
  if (view.filters.length > 0 || view.env)
    return (
      <Note title={`No ${what} for these filters.`}>
        <span>
          {[
            ...(view.env ? [`Environment is ${view.env}`] : []),
            ...view.filters.map(
              ({ dimension, value }) => `${dimensionLabels[dimension]} is ${value || '(none)'}`,
            ),
          ].join(', ')}
          .
        </span>
        <Button onClick={() => setView({ env: undefined, f: undefined })}>Clear filters</Button>
      </Note>
    );
  const until = dataUntil ? Date.parse(dataUntil) : null;
  const now = Date.now();
  return (
    <Note title={`No ${what} in this time range.`}>
      {until !== null && until < now - 60_000 && (
        <>
          <span title={dayTime(until, zone)}>Last data {ago(until, now, zone)}.</span>
          <Button onClick={() => setView(absolute(until - spanMs(view, now), until + 60_000))}>
            Jump there
          </Button>
        </>
      )}
    </Note>
  );
}
