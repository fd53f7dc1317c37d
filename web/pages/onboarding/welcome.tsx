import { useEffect, useState } from 'react';
import { type Onboarding, useOnboarding } from '../../data/onboarding.ts';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { OnboardingColumns } from './onboarding-columns.tsx';

const SECONDS = 5;

/** The first page of an empty Driftline. Default export because it is loaded lazily. */
export default function Welcome({ onDone }: { onDone: () => void }) {
  const { data } = useOnboarding();
  if (!data) return null;
  const arrived = data.first_span !== null && data.demo.state !== 'filling';
  return (
    <>
      <PageTitle title="Send the first span" actions={arrived && <Continue onDone={onDone} />}>
        <p className="mt-1 max-w-text text-muted">{lead(data)}</p>
      </PageTitle>
      <OnboardingColumns state={data} />
    </>
  );
}

const lead = ({ first_span, demo }: Onboarding) => {
  if (demo.state === 'filling') return 'The demo is writing its history; the overview opens when it is done.';
  if (first_span) return 'It works. Cost, latency and quality appear on the overview as data comes in.';
  return 'Driftline reads the OpenTelemetry data your AI application can already emit. Copy a snippet, run it, and watch.';
};

/** Goes on by itself, unless the reader wants to stay. */
function Continue({ onDone }: { onDone: () => void }) {
  const [left, setLeft] = useState<number | null>(SECONDS);
  useEffect(() => {
    if (left === null) return;
    if (left === 0) {
      onDone();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, onDone]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button look="primary" onClick={onDone}>
        Open the overview
      </Button>
      {left !== null && (
        <Button look="quiet" onClick={() => setLeft(null)}>
          Stay here ({left} s)
        </Button>
      )}
    </div>
  );
}
