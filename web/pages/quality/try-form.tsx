import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { EvaluatorInfo } from '#contract/evaluator.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { type Trial, useTryEvaluator } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { hasSettings, readSettings } from './rule-draft.ts';

/** What an evaluator says of the newest call that fits; nothing of it is kept. */
export function TryForm({ info }: { info: EvaluatorInfo }) {
  const [reference, setReference] = useState('');
  const [settings, setSettings] = useState('{}');
  const attempt = useTryEvaluator();
  const parsed = readSettings(settings);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (parsed === null) return;
    const request = { settings: parsed, ...(reference ? { reference } : {}) };
    attempt.mutate({ name: info.name, request });
  };
  return (
    <form onSubmit={submit} className="flex flex-col items-start gap-3 py-2">
      {info.needs.includes('reference') && (
        <TextArea
          label="Expected answer"
          rows={2}
          value={reference}
          onChange={event => setReference(event.target.value)}
        />
      )}
      {hasSettings(info) && (
        <TextArea
          label="Settings to try, as JSON"
          rows={2}
          value={settings}
          aria-invalid={parsed === null}
          onChange={event => setSettings(event.target.value)}
        />
      )}
      {parsed === null && <p className="text-label text-critical">The settings are not a JSON object.</p>}
      <Button type="submit" disabled={attempt.isPending || parsed === null}>
        Try
      </Button>
      {attempt.error && <Failure what="Could not try it." error={attempt.error} />}
      {attempt.data && <Verdict trial={attempt.data} />}
    </form>
  );
}

function Verdict({ trial: { call, input, output, verdict } }: { trial: Trial }) {
  return (
    <div role="status" className="w-full rounded-control bg-surface p-3">
      <p className="font-semibold">
        {verdict.value === null ? 'Could not be judged' : format.score(verdict.value)}
        {verdict.label && ` (${verdict.label})`}
      </p>
      {verdict.explanation && <p className="max-w-text">{verdict.explanation}</p>}
      <p className="mt-1 text-label text-muted">
        {call.feature || '(no feature)'}, {call.model}, {dayTime(Date.parse(call.start_time), viewerZone())}:{' '}
        <Link
          to="/traces/$traceId"
          params={{ traceId: call.trace_id }}
          search={{ span: call.span_id }}
          className="text-accent underline"
        >
          open trace
        </Link>
      </p>
      <Text what="Prompt" text={input} />
      <Text what="Answer" text={output} />
    </div>
  );
}

function Text({ what, text }: { what: string; text: string | null }) {
  return (
    <p className="mt-1 max-w-text break-words">
      <span className="text-label text-muted">{what}: </span>
      {text ?? 'not kept'}
    </p>
  );
}
