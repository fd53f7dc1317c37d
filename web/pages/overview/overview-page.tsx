import { lazy, Suspense } from 'react';
import { useOverview } from '../../data/overview.ts';
import { useView } from '../../state/use-view.ts';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { StatusLine } from './status-line.tsx';
import { Tiles } from './tiles.tsx';

const Details = lazy(() => import('./details.tsx'));

/** Is anything wrong now? The answer and the five figures are drawn first, the rest follows. */
export function OverviewPage() {
  useDocumentTitle('Overview');
  const { view } = useView();
  const overview = useOverview(view);
  return (
    <>
      <StatusLine />
      <Tiles overview={overview} />
      <Suspense fallback={<ChartBoxes />}>
        <Details overview={overview} />
      </Suspense>
    </>
  );
}

/** Room of the charts while their code is on its way. */
function ChartBoxes() {
  return (
    <div aria-hidden className="mb-4 grid gap-3 pt-11 lg:grid-cols-2 pointer-coarse:pt-14">
      {['quality', 'spend', 'latency', 'requests'].map(name => (
        <div key={name} className="h-[286px] rounded-card border border-line" />
      ))}
    </div>
  );
}
