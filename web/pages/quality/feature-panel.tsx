import { Link } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import type { QualityRow } from '#contract/quality.ts';
import { useNear } from '../../charts/use-size.ts';
import { csvFile, useDownload } from '../../data/download.ts';
import { useSpread } from '../../data/quality.ts';
import { writeFilters } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import type { Asked } from '../../states/panel.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import type { Change } from './change.ts';
import { featuresCsv } from './csv.ts';
import { EstimateTable } from './estimate-table.tsx';

export interface FeatureLine {
  feature: string;
  now: QualityRow;
  change: Change | null;
}

interface FeaturePanelProps {
  score: string;
  query: Asked<FeatureLine[]>;
  compared: boolean;
}

/** The score of each feature, what got worst first. */
export function FeaturePanel({ score, query, compared }: FeaturePanelProps) {
  const download = useDownload();
  const box = useRef<HTMLDivElement>(null);
  const spreads = useFeatureSpreads(score, useNear(box));
  const { data } = query;
  const save = () => download.mutate(csvFile(`${score}-by-feature`, featuresCsv(score, data ?? [])));
  return (
    <div ref={box}>
      <Panel
        title={`${score} by feature`}
        what="the features"
        query={query}
        height={120}
        className="mt-3"
        actions={
          <Button disabled={data === undefined} onClick={save}>
            Export CSV
          </Button>
        }
      >
        {features => (
          <EstimateTable
            label={`Table of ${score} by feature`}
            head="Feature"
            compared={compared}
            lines={features.map(({ feature, now, change }) => ({
              id: feature,
              name: (
                <span className="flex min-w-0 items-center gap-2">
                  <Link
                    to="/quality"
                    search={old => ({ ...old, f: writeFilters([{ dimension: 'feature', value: feature }]) })}
                    className="inline-flex min-w-0 items-center font-semibold hover:underline pointer-coarse:min-h-11"
                  >
                    <span className="truncate">{feature || '(no feature)'}</span>
                  </Link>
                  {feature !== '' && (
                    <Link
                      to="/features/$feature/card"
                      params={{ feature }}
                      aria-label={`Model card of ${feature}`}
                      className="inline-flex shrink-0 items-center text-label text-muted underline pointer-coarse:min-h-11"
                    >
                      Card
                    </Link>
                  )}
                </span>
              ),
              estimate: now,
              change,
              spread: spreads.get(feature),
            }))}
          />
        )}
      </Panel>
    </div>
  );
}

/** Shares of the bins of each feature's histogram, as far as they are known. */
function useFeatureSpreads(score: string, isNear: boolean): ReadonlyMap<string, readonly number[]> {
  const { view } = useView();
  const asked = { score, from: view.from, to: view.to, where: whereOf(view) };
  const { data } = useSpread({ ...asked, group_by: 'feature', bins: 12, limit: 200 }, isNear);
  return useMemo(
    () => new Map(data?.groups.map(({ key, shares }) => [key.feature ?? '', shares]) ?? []),
    [data],
  );
}
