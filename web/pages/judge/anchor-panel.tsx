import { useState } from 'react';
import type { AnchorSet } from '#contract/judge.ts';
import { ago, dayTime, exact, viewerZone } from '../../clock.ts';
import { type JudgeState, useAnchors, useDeleteAnchors, useScoreAnchors } from '../../data/judge.ts';
import { useAcceptJudge } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { AnchorRuns } from '../quality/judge-figures.tsx';
import { AnchorSheet } from './anchor-sheet.tsx';
import { FreezeSheet } from './freeze-sheet.tsx';
import { sourceText } from './words.ts';

/** Frozen examples by which a change of the judge is told from one of the product. */
export function AnchorPanel({ state }: { state: JudgeState }) {
  const query = useAnchors();
  const [shown, setShown] = useState<string | null>(null);
  /** Name of the judge whose anchors are chosen; '' lets the reader pick one. */
  const [freezing, setFreezing] = useState<string | null>(null);
  const isOff = state.settings.model === '';
  return (
    <>
      <Panel
        title="Anchors"
        what="the anchors"
        query={query}
        height={80}
        actions={
          <Button disabled={isOff} onClick={() => setFreezing('')}>
            Freeze anchors
          </Button>
        }
        empty={({ sets }) =>
          sets.length === 0 ? (
            <Note title="No anchors are frozen.">
              <span className="max-w-text">
                Anchors are answers that are scored again every{' '}
                {format.plain(state.settings.anchors_every_hours)} hours. When the same answers get other
                scores, the judge changed and not the product.
                {isOff && ' Set a judge first.'}
              </span>
            </Note>
          ) : null
        }
      >
        {({ sets }) => (
          <ul>
            {sets.map(set => (
              <AnchorLine
                key={set.score}
                set={set}
                isOff={isOff}
                onShow={() => setShown(set.score)}
                onFreeze={() => setFreezing(set.score)}
              />
            ))}
          </ul>
        )}
      </Panel>
      <AnchorSheet score={shown} onClose={() => setShown(null)} />
      <FreezeSheet opened={freezing} state={state} onClose={() => setFreezing(null)} />
    </>
  );
}

interface AnchorLineProps {
  set: AnchorSet;
  isOff: boolean;
  onShow: () => void;
  onFreeze: () => void;
}

function AnchorLine({ set, isOff, onShow, onFreeze }: AnchorLineProps) {
  const { score, evaluator, version, source, judge, first_scores, drift } = set;
  const zone = viewerZone();
  const run = useScoreAnchors();
  const accept = useAcceptJudge();
  const frozen = Date.parse(drift.frozen_at);
  const from = sourceText(source);
  const busy = run.isPending || accept.isPending;
  return (
    <li className="border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h3 className="flex flex-wrap items-center gap-x-2 text-body font-semibold">
            <StatusIcon
              status={drift.state === 'changed' ? 'warning' : drift.state === 'steady' ? 'good' : 'neutral'}
            />
            {score}
            <span className="text-label font-normal text-muted">
              version {format.full(version)}, rubric {evaluator}
            </span>
          </h3>
          <p className="max-w-text text-muted">
            {format.full(drift.anchors)} {from || 'examples'}, frozen{' '}
            <span title={exact(frozen, zone)}>{dayTime(frozen, zone)}</span>
            {judge && ` with ${judge}`}, each scored {format.full(first_scores)} times then.
          </p>
          <p className="text-muted">
            {drift.last_run === null ? (
              'Not scored again yet'
            ) : (
              <>
                Last scored again{' '}
                <span title={exact(Date.parse(drift.last_run), zone)}>
                  {ago(Date.parse(drift.last_run), Date.now(), zone)}
                </span>
              </>
            )}
            {drift.next_run && !isOff && `, next ${dayTime(Date.parse(drift.next_run), zone)}`}.
          </p>
          <p className={drift.state === 'changed' ? 'max-w-text font-semibold text-warning' : 'max-w-text'}>
            {drift.sentence}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button aria-label={`Examples of ${score}`} onClick={onShow}>
            Examples
          </Button>
          <Button
            aria-label={`Score now: anchors of ${score}`}
            disabled={isOff || busy}
            onClick={() => run.mutate(score)}
          >
            {run.isPending ? 'Scoring' : 'Score now'}
          </Button>
          {drift.state === 'changed' && (
            <Button disabled={isOff || busy} onClick={() => accept.mutate(score)}>
              {accept.isPending ? 'Scoring the anchors' : `Accept ${score} as it is now`}
            </Button>
          )}
          <Button look="quiet" aria-label={`Replace anchors of ${score}`} disabled={isOff} onClick={onFreeze}>
            Replace
          </Button>
          <Remove score={score} />
        </div>
      </div>
      {run.data && (
        <p role="status" className="text-muted">
          {format.full(run.data.scored)} scored again
          {run.data.failed > 0 && `, ${format.full(run.data.failed)} failed`}.
        </p>
      )}
      {(run.error ?? accept.error) && (
        <Failure what="The anchors were not scored." error={run.error ?? accept.error} />
      )}
      <AnchorRuns drift={drift} />
    </li>
  );
}

/** Asks once more: without anchors a change of the judge looks like one of the product. */
function Remove({ score }: { score: string }) {
  const [asked, setAsked] = useState(false);
  const remove = useDeleteAnchors();
  return (
    <>
      <Button
        look={asked ? 'danger' : 'quiet'}
        disabled={remove.isPending}
        aria-label={asked ? `Really remove the anchors of ${score}` : `Remove anchors of ${score}`}
        onClick={() => (asked ? remove.mutate(score) : setAsked(true))}
        onBlur={() => setAsked(false)}
      >
        {asked ? 'Really remove' : 'Remove'}
      </Button>
      {remove.error && <Failure what="The anchors were not removed." error={remove.error} />}
    </>
  );
}
