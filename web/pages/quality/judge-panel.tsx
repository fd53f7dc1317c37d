import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import type { JudgeHealth } from '#contract/judge.ts';
import { useNear } from '../../charts/use-size.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { useAcceptJudge, useJudgeHealth } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { useView } from '../../state/use-view.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button, controlClasses } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { AgreementFigures, AnchorRuns, CorrectedDays } from './judge-figures.tsx';

type Judge = JudgeHealth['judges'][number];

/** Whether the judges are as they were: a judge that changed must not be read as a product that did. */
export function JudgePanel() {
  const { view } = useView();
  const box = useRef<HTMLDivElement>(null);
  const query = useJudgeHealth({ from: view.from, to: view.to }, useNear(box));
  return (
    <div ref={box} className="min-w-0">
      <Panel
        title="Health of the judges"
        what="the health of the judges"
        query={query}
        height={80}
        actions={
          <Link to="/judge" className={controlClasses()}>
            Judge settings
          </Link>
        }
        empty={({ judges }) =>
          judges.length === 0 ? (
            <Note title="No LLM judge scored calls in this time.">
              <span>
                Switch one on under Evaluators; nothing leaves this machine unless you point it elsewhere.
              </span>
            </Note>
          ) : null
        }
      >
        {({ judges }) => (
          <ul>
            {judges.map(judge => (
              <JudgeLine key={judge.score} judge={judge} />
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}

function JudgeLine({ judge: { score, evaluators, scored, drift, agreement, daily } }: { judge: Judge }) {
  const changed = drift?.changed ?? null;
  const zone = viewerZone();
  const accept = useAcceptJudge();
  return (
    <li className="border-t border-line px-4 py-2 first:border-t-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <StatusIcon status={changed ? 'warning' : drift?.state === 'steady' ? 'good' : 'neutral'} />
        <span className="font-semibold">{score}</span>
        <span className="text-label text-muted">
          {[...evaluators, `${format.count(scored)} scored`].join(', ')}
        </span>
      </p>
      {changed && (
        <p className="font-semibold text-warning">
          Judge changed between {dayTime(Date.parse(changed.after), zone)} and{' '}
          {dayTime(Date.parse(changed.by), zone)}.
        </p>
      )}
      <p className="max-w-text text-muted">
        {drift?.sentence ??
          'No anchors are frozen for it, so a change of the judge cannot be told from one of the product.'}
      </p>
      {changed && (
        <div className="py-1">
          <Button
            disabled={accept.isPending}
            title="Its anchors get new first scores, and its score is watched afresh"
            onClick={() => accept.mutate(score)}
          >
            {accept.isPending ? 'Scoring the anchors' : `Accept ${score} as it is now`}
          </Button>
        </div>
      )}
      {accept.error && <Failure what="The judge was not accepted." error={accept.error} />}
      <p className="max-w-text text-muted">{agreement.sentence}</p>
      {drift && <AnchorRuns drift={drift} />}
      <AgreementFigures agreement={agreement} />
      <CorrectedDays score={score} daily={daily} />
    </li>
  );
}
