import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import type { EvaluatorInfo } from '#contract/evaluator.ts';
import { useNear } from '../../charts/use-size.ts';
import { csvFile, useDownload } from '../../data/download.ts';
import { type Scores, useScores } from '../../data/quality.ts';
import { useView } from '../../state/use-view.ts';
import { comparedRange, whereOf } from '../../state/view.ts';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { changeOf } from './change.ts';
import { type ScoreLine, scoresCsv } from './csv.ts';
import { EstimateTable } from './estimate-table.tsx';
import { betterOf } from './words.ts';

const SHOWN = 10;

interface ScorePanelProps {
  evaluators: readonly EvaluatorInfo[] | undefined;
  onScoring: () => void;
}

/** Every score of this time over all features: who gave it, how sure it is, how much of the traffic it saw. */
export function ScorePanel({ evaluators, onScoring }: ScorePanelProps) {
  const { view } = useView();
  const box = useRef<HTMLDivElement>(null);
  const range = comparedRange(view, Date.now());
  const query = useScores(
    {
      ...{ from: view.from, to: view.to, where: whereOf(view), limit: SHOWN },
      ...(range && { before_from: range.from, before_to: range.to }),
    },
    useNear(box),
  );
  const download = useDownload();
  const lines = linesOf(query.data?.scores ?? [], evaluators);
  return (
    <div ref={box}>
      <Panel
        title="Scores and evaluators"
        what="the scores"
        query={query}
        height={120}
        className="mt-3"
        actions={
          <div className="flex flex-wrap gap-2">
            <Button
              disabled={!query.data}
              onClick={() => download.mutate(csvFile('scores', scoresCsv(lines)))}
            >
              Export CSV
            </Button>
            <Button onClick={onScoring}>Evaluators</Button>
          </div>
        }
      >
        {({ names }) => (
          <>
            <EstimateTable
              label="Table of scores"
              head="Score"
              compared={view.cmp !== 'none'}
              lines={lines.map(line => ({ ...line, id: line.name, name: <ScoreName {...line} /> }))}
            />
            {names > SHOWN && (
              <p className="px-4 py-2 text-muted">
                The {SHOWN} most frequent of {names} scores.
              </p>
            )}
          </>
        )}
      </Panel>
    </div>
  );
}

const linesOf = (scores: Scores['scores'], evaluators: readonly EvaluatorInfo[] | undefined): ScoreLine[] =>
  scores.map(({ name, evaluators: by, now, before }) => ({
    name,
    by,
    estimate: now,
    change: changeOf(now, before, betterOf(name, evaluators), scores.length),
  }));

function ScoreName({ name, by }: Pick<ScoreLine, 'name' | 'by'>) {
  return (
    <Link
      to="/quality"
      search={old => ({ ...old, score: name })}
      className="flex max-w-full flex-wrap items-baseline gap-x-2 hover:underline pointer-coarse:min-h-11 pointer-coarse:items-center"
    >
      <span className="truncate font-semibold">{name}</span>
      {by.length > 0 && <span className="truncate text-label text-muted">{by.join(', ')}</span>}
    </Link>
  );
}
