import { type FormEvent, useState } from 'react';
import { type JudgeState, type JudgeTrial, useTryJudge } from '../../data/judge.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Block } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Labelled } from '../../ui/labelled.tsx';
import { Select } from '../../ui/select.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { changeOf, draftErrors, isChanged, isLocal, type JudgeDraft, newlyLeaves } from './draft.ts';

interface TestCallProps {
  state: JudgeState;
  draft: JudgeDraft;
  agreed: string | null;
}

/** An example that is nobody's: a good judge gives it high marks. */
const made = {
  input: 'How long do I have to return a pair of shoes?',
  output: 'You can return unworn shoes within 30 days of delivery, free of charge.',
  reference: 'Unworn shoes can be returned within 30 days of delivery. Returns are free.',
  context: 'Returns: unworn items within 30 days of delivery. Return shipping is free.',
};

/** One question to the judge as the form says it, saved or not. */
export function TestCall({ state, draft, agreed }: TestCallProps) {
  const [name, setName] = useState(state.rubrics[0]?.name ?? '');
  const [texts, setTexts] = useState(made);
  const attempt = useTryJudge();
  const rubric = state.rubrics.find(one => one.name === name);
  const asks = newlyLeaves(draft, state.settings);
  const why =
    draft.model.trim() === ''
      ? 'Name a model first.'
      : Object.keys(draftErrors(draft)).length > 0
        ? 'The settings have errors.'
        : asks !== null && agreed !== asks
          ? `Agree first that this example is sent to ${asks}.`
          : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (why !== null || !rubric) return;
    const { input, output, reference, context } = texts;
    const { needs } = rubric;
    attempt.mutate({
      rubric: name,
      output,
      ...(needs.includes('input') && { input }),
      ...(needs.includes('reference') && { reference }),
      ...(needs.includes('context') && { context: [context] }),
      ...(isChanged(draft, state.settings) && { settings: changeOf(draft, !isLocal(draft.base_url)) }),
    });
  };
  const part = (key: keyof typeof made, label: string) => (
    <TextArea
      label={label}
      rows={2}
      value={texts[key]}
      onChange={event => setTexts({ ...texts, [key]: event.target.value })}
    />
  );
  return (
    <Block title="Test with one call">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end gap-2">
          <Labelled label="Rubric">
            <Select
              label="Rubric to test"
              value={name}
              options={state.rubrics.map(one => ({ value: one.name, label: one.name }))}
              onChange={setName}
            />
          </Labelled>
          <Button type="submit" disabled={why !== null || attempt.isPending}>
            {attempt.isPending ? 'Asking' : 'Test with one call'}
          </Button>
        </div>
        <p className="text-muted">
          {why ??
            'Asks once, by the settings beside it, saved or not. The score is not kept; the cost counts.'}
        </p>
        <Disclosure summary="The example">
          <div className="flex flex-col gap-2 py-1">
            {rubric?.needs.includes('input') && part('input', 'Question')}
            {rubric?.needs.includes('context') && part('context', 'Source')}
            {rubric?.needs.includes('reference') && part('reference', 'Reference')}
            {part('output', 'Answer')}
          </div>
        </Disclosure>
      </form>
      {attempt.error && <Failure what="Could not ask the judge." error={attempt.error} />}
      {attempt.data && <Said trial={attempt.data} />}
    </Block>
  );
}

function Said({ trial: { value, label, explanation, cost_usd, duration_ms } }: { trial: JudgeTrial }) {
  return (
    <div role="status" className="mt-2 rounded-control bg-surface p-3">
      <p className="flex items-center gap-2 font-semibold">
        <StatusIcon status={value === null ? 'critical' : 'good'} />
        {value === null ? 'No score came back' : `${format.score(value)} (it said ${label})`}
      </p>
      {explanation && <p className="max-w-text break-words">{explanation}</p>}
      {value !== null && (
        <p className="mt-1 text-label text-muted">
          {format.latency(duration_ms)}, {cost_usd === null ? 'no price known' : format.usd(cost_usd)}
        </p>
      )}
    </div>
  );
}
