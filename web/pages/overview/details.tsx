import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import type { Overview } from '../../data/overview.ts';
import { absolute, intervalFor, intervalMs, spanMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import type { Asked } from '../../states/panel.tsx';
import { BucketSheet } from './bucket-sheet.tsx';
import { Charts } from './charts.tsx';
import { FeatureTable } from './feature-table.tsx';
import { RecentChanges } from './recent-changes.tsx';

/** What stands below the five figures. Default export because it is loaded after them. */
export default function Details({ overview }: { overview: Asked<Overview> }) {
  const { view, setView } = useView();
  const { b } = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const router = useRouter();
  const stepMs = intervalMs(intervalFor(spanMs(view, Date.now())));
  const pick = (startMs: number | null) =>
    void navigate({
      resetScroll: false,
      search: old => ({ ...old, b: startMs === null ? undefined : absolute(startMs, 0).from }),
    });
  return (
    <>
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
