import { lazy, Suspense, useEffect, useState } from 'react';
import { useOnboarding } from '../../data/onboarding.ts';
import { PagePending } from '../../states/page-states.tsx';
import { OverviewPage } from './overview-page.tsx';

const Welcome = lazy(() => import('../onboarding/welcome.tsx'));

/** The overview, or how to send the first span while none has ever arrived. */
export function Home() {
  const { data } = useOnboarding();
  // Once shown, the welcome stays until its reader has seen the first span arrive.
  const [welcome, setWelcome] = useState<boolean | null>(null);
  const never = data === undefined ? null : data.first_span === null;
  useEffect(() => {
    if (welcome === null && never !== null) setWelcome(never);
  }, [welcome, never]);
  // A failed question must not hide the overview, which says what is wrong.
  if (!(welcome ?? never)) return <OverviewPage />;
  return (
    <Suspense fallback={<PagePending />}>
      <Welcome onDone={() => setWelcome(false)} />
    </Suspense>
  );
}
