import { Link } from '@tanstack/react-router';
import type { ComparedCase } from '../../data/golden.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { ToolCalls, ToolDiff } from './tool-calls.tsx';
import { pointsText, questionOf } from './words.ts';

const tones = {
  regressed: 'text-critical',
  improved: 'text-good',
  same: 'text-muted',
  incomparable: 'text-muted',
};
const marks = { regressed: '▼ worse', improved: '▲ better', same: '= same', incomparable: 'not comparable' };

/** One case: the question, both scores and what changed in the answer. */
export function ComparedRow({ of, evaluator }: { of: ComparedCase; evaluator: string }) {
  const before = of.baseline?.scores[evaluator]?.value ?? null;
  const after = of.candidate?.scores[evaluator]?.value ?? null;
  return (
    <li className="border-t border-line px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p className="line-clamp-2 min-w-0 font-semibold">{questionOf(of.case) || of.case.case_id}</p>
        <p className="whitespace-nowrap">
          <span className={classes('font-semibold', tones[of.outcome])}>
            {marks[of.outcome]}
            {of.difference !== null && of.outcome !== 'same' && ` ${pointsText(of.difference)}`}
          </span>{' '}
          <span className="text-muted">
            {scoreText(of.baseline, before)} → {scoreText(of.candidate, after)}
          </span>
        </p>
      </div>
      <Answer of={of} />
      <ToolDiff diff={of.tool_diff} />
      {of.case.tool_calls && <ToolCalls label="should ask for" calls={of.case.tool_calls} />}
      <p className="mt-1 text-label text-muted">
        {of.case.case_id}
        {of.case.reference !== null && <>, expected: {clip(of.case.reference)}</>}
        {of.candidate?.trace_id && (
          <>
            ,{' '}
            <Link
              to="/traces/$traceId"
              params={{ traceId: of.candidate.trace_id }}
              className="text-accent underline"
            >
              trace
            </Link>
          </>
        )}
      </p>
    </li>
  );
}

const scoreText = (result: ComparedCase['baseline'], value: number | null) =>
  value === null && result?.error ? 'failed' : format.score(value);
const clip = (text: string, most = 200) => (text.length > most ? `${text.slice(0, most)}…` : text);
const LONG = 400;

/** An answer; of a long one the beginning, with the rest to unfold. */
function Text({ text }: { text: string }) {
  if (text.length <= LONG) return <span className="whitespace-pre-wrap">{text}</span>;
  return (
    <>
      <span className="whitespace-pre-wrap">{clip(text, LONG)}</span>
      <Disclosure summary="The whole answer">
        <p className="whitespace-pre-wrap">{text}</p>
      </Disclosure>
    </>
  );
}

function Answer({ of: { diff, baseline, candidate, outcome } }: { of: ComparedCase }) {
  if (diff.length === 0)
    return (
      <dl className="mt-1 grid gap-x-4 md:grid-cols-2">
        <Side name="Baseline" result={baseline} />
        <Side name="Candidate" result={candidate} />
      </dl>
    );
  if (diff.every(({ kind }) => kind === 'same'))
    return (
      <div className="mt-1 max-w-text">
        {outcome !== 'same' && <span className="text-muted">The same answer: </span>}
        <Text text={candidate?.output ?? ''} />
      </div>
    );
  // Nothing in common: one below the other.
  const block = diff.every(({ kind }) => kind !== 'same') && 'block';
  return (
    <p className="mt-1 max-w-text whitespace-pre-wrap">
      {diff.map(({ kind, text }, at) =>
        kind === 'same' ? (
          text
        ) : kind === 'removed' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
          <del key={at} className={classes('text-critical decoration-1', block)}>
            {text}
          </del>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <ins key={at} className={classes('font-semibold text-good decoration-1 underline-offset-2', block)}>
            {text}
          </ins>
        ),
      )}
    </p>
  );
}

export function Side({ name, result }: { name: string; result: ComparedCase['baseline'] }) {
  return (
    <div className="min-w-0">
      <dt className="text-label text-muted">{name}</dt>
      <dd>
        {result === null ? (
          <span className="text-muted">no result yet</span>
        ) : result.output === null && result.error !== '' ? (
          <span className="text-critical">failed: {result.error}</span>
        ) : result.output === null ? (
          <span className="text-muted">no text</span>
        ) : result.output === '' ? (
          <span className="text-muted">an empty answer</span>
        ) : (
          <Text text={result.output} />
        )}
      </dd>
    </div>
  );
}
