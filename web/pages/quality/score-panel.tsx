import { Link } from '@tanstack/react-router';
import type { EvaluatorInfo } from '#contract/evaluator.ts';
import { csvFile, useDownload } from '../../data/download.ts';
import { type Quality, useQualities } from '../../data/quality.ts';
import { useView } from '../../state/use-view.ts';
import { comparedRange, whereOf } from '../../state/view.ts';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { changeOf } from './change.ts';
import { type ScoreLine, scoresCsv } from './csv.ts';
import { EstimateTable } from './estimate-table.tsx';
import { betterOf } from './words.ts';

/** Each score is a question of its own. */
const SHOWN = 10;

interface ScorePanelProps {
  /** Names the scores of this time. */
  query: Asked<Quality>;
  evaluators: readonly EvaluatorInfo[] | undefined;
  onScoring: () => void;
}

/** Every score of this time over all features: who gave it, how sure it is, how much of the traffic it saw. */
export function ScorePanel({ query, evaluators, onScoring }: ScorePanelProps) {
  const { view } = useView();
  const lines = useScoreLines((query.data?.scores ?? NONE).slice(0, SHOWN), evaluators);
  const download = useDownload();
  return (
    <Panel
      title="Scores and evaluators"
      what="the scores"
      query={query}
      height={120}
      className="mt-3"
      actions={
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => download.mutate(csvFile('scores', scoresCsv(lines)))}>Export CSV</Button>
          <Button onClick={onScoring}>Evaluators</Button>
        </div>
      }
    >
      {({ scores }) => (
        <>
          <EstimateTable
            label="Table of scores"
            head="Score"
            compared={view.cmp !== 'none'}
            lines={lines.map(line => ({ ...line, id: line.name, name: <ScoreName {...line} /> }))}
          />
          {scores.length > SHOWN && (
            <p className="px-4 py-2 text-muted">
              The {SHOWN} most frequent of {scores.length} scores.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

const NONE: Quality['scores'] = [];

function useScoreLines(
  scores: Quality['scores'],
  evaluators: readonly EvaluatorInfo[] | undefined,
): ScoreLine[] {
  const { view } = useView();
  const where = whereOf(view);
  const range = comparedRange(view, Date.now());
  const now = useQualities(scores.map(({ name }) => ({ score: name, from: view.from, to: view.to, where })));
  const before = useQualities(range ? scores.map(({ name }) => ({ score: name, ...range, where })) : []);
  return scores.map(({ name, evaluators: by }, at) => {
    const estimate = now[at]?.data?.rows[0] ?? null;
    const was = before[at]?.data?.rows[0] ?? null;
    const change = estimate && changeOf(estimate, was, betterOf(name, evaluators), scores.length);
    return { name, by, estimate, change };
  });
}

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
