import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { loadEngineWhenIdle } from '../../charts/load-engine.ts';
import { useOverview } from '../../data/overview.ts';
import { absolute, intervalFor, intervalMs, spanMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { BucketSheet } from './bucket-sheet.tsx';
import { Charts } from './charts.tsx';
import { FeatureTable } from './feature-table.tsx';
import { RecentChanges } from './recent-changes.tsx';
import { StatusLine } from './status-line.tsx';
import { Tiles } from './tiles.tsx';

/** Is anything wrong now? */
export function OverviewPage() {
  useDocumentTitle('Overview');
  useEffect(loadEngineWhenIdle, []);
  const { view, setView } = useView();
  const overview = useOverview(view);
  const { b } = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const router = useRouter();
  const stepMs = intervalMs(intervalFor(spanMs(view, Date.now())));
  const pick = (startMs: number | null) =>
    void navigate({
      search: old => ({ ...old, b: startMs === null ? undefined : absolute(startMs, 0).from }),
    });
  return (
    <>
      <StatusLine />
      <Tiles overview={overview} />
      <Charts
        overview={overview}
        onZoom={(fromMs, toMs) => setView(absolute(fromMs, Math.max(toMs, fromMs + stepMs)))}
        onBack={() => router.history.back()}
        onPick={pick}
      />
      <FeatureTable overview={overview} />
      <RecentChanges />
      <BucketSheet startMs={b ? Date.parse(b) : null} stepMs={stepMs} onClose={() => pick(null)} />
    </>
  );
}
