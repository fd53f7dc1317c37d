import { Link } from '@tanstack/react-router';
import type { EvaluatorInfo } from '#contract/evaluator.ts';
import { type Quality, useQualities } from '../../data/quality.ts';
import { useView } from '../../state/use-view.ts';
import { comparedRange, whereOf } from '../../state/view.ts';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { changeOf } from './change.ts';
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
  return (
    <Panel
      title="Scores and evaluators"
      what="the scores"
      query={query}
      height={120}
      className="mt-3"
      actions={<Button onClick={onScoring}>Evaluators</Button>}
    >
      {({ scores }) => (
        <>
          <Scores scores={scores.slice(0, SHOWN)} evaluators={evaluators} />
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

interface ScoresProps {
  scores: Quality['scores'];
  evaluators: readonly EvaluatorInfo[] | undefined;
}

function Scores({ scores, evaluators }: ScoresProps) {
  const { view } = useView();
  const where = whereOf(view);
  const range = comparedRange(view, Date.now());
  const now = useQualities(scores.map(({ name }) => ({ score: name, from: view.from, to: view.to, where })));
  const before = useQualities(range ? scores.map(({ name }) => ({ score: name, ...range, where })) : []);
  return (
    <EstimateTable
      label="Table of scores"
      head="Score"
      compared={range !== null}
      lines={scores.map(({ name, evaluators: by }, at) => {
        const estimate = now[at]?.data?.rows[0] ?? null;
        const was = before[at]?.data?.rows[0] ?? null;
        return {
          id: name,
          name: (
            <Link
              to="/quality"
              search={old => ({ ...old, score: name })}
              className="flex max-w-full flex-wrap items-baseline gap-x-2 hover:underline pointer-coarse:min-h-11 pointer-coarse:items-center"
            >
              <span className="truncate font-semibold">{name}</span>
              {by.length > 0 && <span className="truncate text-label text-muted">{by.join(', ')}</span>}
            </Link>
          ),
          estimate,
          change: estimate && changeOf(estimate, was, betterOf(name, evaluators), scores.length),
        };
      })}
    />
  );
}
