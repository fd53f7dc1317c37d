import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type JudgeState, useJudge } from '../../data/judge.ts';
import { Failure } from '../../states/failure.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { AnchorPanel } from './anchor-panel.tsx';
import { draftOf, type JudgeDraft } from './draft.ts';
import { RubricPanel } from './rubric-panel.tsx';
import { SettingsForm } from './settings-form.tsx';
import { SpendPanel } from './spend-panel.tsx';
import { TestCall } from './test-call.tsx';

/** Where the LLM judge is asked, what leaves this machine, what it costs, and whether it is still as it was. */
export function JudgePage() {
  const query = useJudge();
  const { data, error, refetch } = query;
  return (
    <>
      <PageTitle
        title="Judge"
        actions={
          <Link to="/quality" className="text-accent underline hover:no-underline">
            Quality
          </Link>
        }
      >
        {data && <Standing state={data} />}
      </PageTitle>
      {data ? (
        <Editor state={data} />
      ) : error ? (
        <Failure what="Could not load the judge." error={error} onRetry={() => void refetch()} />
      ) : (
        <div role="status" className="appear h-96 rounded-card border border-line bg-surface">
          <span className="sr-only">Loading</span>
        </div>
      )}
    </>
  );
}

/** On or off, and whether anything leaves: the answer of the page. */
function Standing({ state: { settings, local, what_leaves, spend } }: { state: JudgeState }) {
  const isOff = settings.model === '';
  const status = isOff ? 'neutral' : spend.stopped || !local ? 'warning' : 'good';
  return (
    <p className="flex max-w-text items-start gap-2 text-muted">
      {status !== 'neutral' && (
        <span className="mt-0.5">
          <StatusIcon status={status} />
        </span>
      )}
      <span>
        <span className="font-semibold text-ink">
          {isOff
            ? 'Off.'
            : spend.stopped
              ? 'Stopped for today: the cap is reached.'
              : `On: ${settings.model}.`}
        </span>{' '}
        {what_leaves}
      </span>
    </p>
  );
}

function Editor({ state }: { state: JudgeState }) {
  const [edited, setDraft] = useState<JudgeDraft | null>(null);
  /** The host that was agreed to; a change of it asks again. */
  const [agreed, setAgreed] = useState<string | null>(null);
  const draft = edited ?? draftOf(state.settings);
  return (
    <div className="flex flex-col gap-3">
      <div className="grid items-start gap-3 xl:grid-cols-2">
        <SettingsForm
          state={state}
          draft={draft}
          agreed={agreed}
          onAgree={setAgreed}
          onEdit={part => setDraft({ ...draft, ...part })}
          onDone={() => {
            setDraft(null);
            setAgreed(null);
          }}
        />
        <div className="flex min-w-0 flex-col gap-3">
          <SpendPanel state={state} />
          <TestCall state={state} draft={draft} agreed={agreed} />
        </div>
      </div>
      <AnchorPanel state={state} />
      <RubricPanel rubrics={state.rubrics} />
    </div>
  );
}
