import { RotateCw, Trash2 } from 'lucide-react';
import { ago, exact, viewerZone } from '../../clock.ts';
import { type GoldenRun, type RunScore, useCollect, useDeleteRun } from '../../data/golden.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { evaluatorLabel, intervalText, runFacts } from './words.ts';

interface RunMatrixProps {
  runs: readonly GoldenRun[];
  baseline: string | undefined;
  candidate: string | undefined;
  onBaseline: (run: string) => void;
  onCandidate: (run: string) => void;
  /** Shows what it said to each case. */
  onOpen: (run: string) => void;
}

/** Runs down, evaluators across: the mean with its 95 % interval. A table on a desk, cards on a phone. */
export function RunMatrix(props: RunMatrixProps) {
  const { runs } = props;
  const evaluators = [...new Set(runs.flatMap(({ scores }) => scores.map(({ evaluator }) => evaluator)))];
  const collect = useCollect();
  const remove = useDeleteRun();
  const error = collect.error ?? remove.error;
  const actions = (run: GoldenRun) => (
    <>
      {run.totals.results < run.totals.cases && (
        <Button
          look="quiet"
          square
          aria-label={`Look for spans of ${run.name}`}
          title="Look for results in spans"
          disabled={collect.isPending}
          onClick={() => collect.mutate(run.run_id)}
        >
          <RotateCw size={16} aria-hidden />
        </Button>
      )}
      <Button
        look="quiet"
        square
        aria-label={`Remove ${run.name}`}
        title="Remove the run"
        disabled={remove.isPending}
        onClick={() => remove.mutate(run.run_id)}
      >
        <Trash2 size={16} aria-hidden />
      </Button>
    </>
  );
  return (
    <>
      {error && <Failure what="That did not work." error={error} />}
      {collect.data && (
        <p role="status" className="px-4 pb-2 text-muted">
          Spans of {format.full(collect.data.found)} cases were found, {format.full(collect.data.taken)}{' '}
          results taken.
        </p>
      )}
      <ScrollBox label="Runs by evaluators" className="max-h-[640px] max-lg:hidden">
        <table className="w-full">
          <thead className="sticky top-0 bg-bg">
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                Run
              </th>
              <th scope="col" className="h-8 pr-4 text-left">
                Baseline
              </th>
              <th scope="col" className="h-8 pr-4 text-left">
                Candidate
              </th>
              {evaluators.map(id => (
                <th key={id} scope="col" className="h-8 pr-4 text-right whitespace-nowrap" title={id}>
                  {evaluatorLabel(id)}
                </th>
              ))}
              <th scope="col" className="h-8 pr-4 text-right">
                Answered
              </th>
              <th scope="col" className="h-8 pr-4 text-right">
                Median latency
              </th>
              <th scope="col" className="h-8 pr-4 text-right">
                Cost
              </th>
              <th scope="col" className="h-8 pr-2">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map(run => (
              <tr key={run.run_id} className="border-t border-line hover:bg-surface">
                <th scope="row" className="max-w-96 px-4 py-2 text-left font-normal">
                  <RunName run={run} onOpen={props.onOpen} />
                </th>
                <td className="pr-4">
                  <Choice {...props} side="baseline" run={run} name="desk-baseline" />
                </td>
                <td className="pr-4">
                  <Choice {...props} side="candidate" run={run} name="desk-candidate" />
                </td>
                {evaluators.map(id => (
                  <td key={id} className="py-2 pr-4 text-right whitespace-nowrap">
                    <ScoreCell score={run.scores.find(one => one.evaluator === id)} />
                  </td>
                ))}
                <td className="pr-4 text-right whitespace-nowrap">{answered(run)}</td>
                <td className="pr-4 text-right whitespace-nowrap">
                  {format.latency(run.totals.median_latency_ms)}
                </td>
                <td className="pr-4 text-right whitespace-nowrap" title={costTitle(run)}>
                  {format.usd(run.totals.cost_usd)}
                </td>
                <td className="pr-2 text-right whitespace-nowrap">{actions(run)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <ul className="lg:hidden">
        {runs.map(run => (
          <li key={run.run_id} className="border-t border-line px-4 py-3">
            <div className="flex items-start justify-between gap-2">
              <RunName run={run} onOpen={props.onOpen} />
              <div className="flex">{actions(run)}</div>
            </div>
            <dl className="my-2 grid grid-cols-2 gap-x-3 gap-y-1">
              {run.scores.map(score => (
                <div key={score.evaluator} className="min-w-0">
                  <dt className="text-label text-muted">{evaluatorLabel(score.evaluator)}</dt>
                  <dd>
                    <ScoreCell score={score} />
                  </dd>
                </div>
              ))}
            </dl>
            <p className="text-label text-muted">
              {answered(run)} answered, {format.latency(run.totals.median_latency_ms)},{' '}
              {format.usd(run.totals.cost_usd)}
            </p>
            <div className="mt-2 flex gap-4">
              {(['baseline', 'candidate'] as const).map(role => (
                <span key={role} className="flex items-center gap-2">
                  <Choice {...props} side={role} run={run} name={`hand-${role}`} />
                  {role === 'baseline' ? 'Baseline' : 'Candidate'}
                </span>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function RunName({ run, onOpen }: { run: GoldenRun; onOpen: (run: string) => void }) {
  const begun = Date.parse(run.created_at);
  return (
    <div className="min-w-0">
      <button
        type="button"
        className="block max-w-full truncate text-left font-semibold text-accent hover:underline pointer-coarse:min-h-8"
        title={`What ${run.name} said`}
        onClick={() => onOpen(run.run_id)}
      >
        {run.name}
      </button>
      <span className="block truncate text-label text-muted">
        {runFacts(run)},{' '}
        <span title={exact(begun, viewerZone())}>{ago(begun, Date.now(), viewerZone())}</span>
      </span>
    </div>
  );
}

function ScoreCell({ score }: { score: RunScore | undefined }) {
  if (!score || score.mean === null)
    return (
      <span
        className="text-muted"
        title={score ? `${score.not_judged} could not be judged` : 'not scored by it'}
      >
        {format.score(null)}
      </span>
    );
  return (
    <span title={`${score.n} judged${score.not_judged > 0 ? `, ${score.not_judged} could not be` : ''}`}>
      <span className="font-semibold">{format.score(score.mean)}</span>
      <span className="block text-label text-muted">{intervalText(score)}</span>
    </span>
  );
}

const answered = ({ totals }: GoldenRun) =>
  `${format.full(totals.results)} of ${format.full(totals.cases)}${totals.errors > 0 ? `, ${totals.errors} failed` : ''}`;

const costTitle = ({ totals }: GoldenRun) =>
  totals.without_cost > 0 ? `the cost of ${totals.without_cost} results is not known` : undefined;

interface ChoiceProps extends RunMatrixProps {
  side: 'baseline' | 'candidate';
  run: GoldenRun;
  name: string;
}

function Choice({ side, run, name, baseline, candidate, onBaseline, onCandidate }: ChoiceProps) {
  const chosen = side === 'baseline' ? baseline : candidate;
  return (
    <input
      type="radio"
      name={name}
      aria-label={`${run.name} as ${side}`}
      checked={chosen === run.run_id}
      onChange={() => (side === 'baseline' ? onBaseline : onCandidate)(run.run_id)}
      className="size-4 cursor-pointer accent-(--accent) pointer-coarse:size-6"
    />
  );
}
