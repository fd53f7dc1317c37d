import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ComparedCall, ComparedPair, comparePairs } from '#contract/compare-pairs.ts';
import type { RequestOf } from '#contract/endpoint.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { usePairs } from '../../data/compare.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { differenceText } from './words.ts';

const SHOWN = 3;
const DIRECTIONS = [
  { value: 'worse', label: 'B worse' },
  { value: 'better', label: 'B better' },
] as const;

type PairsPanelProps = Pick<
  RequestOf<typeof comparePairs>,
  'control' | 'candidate' | 'from' | 'to' | 'where' | 'score'
> & { a: string; b: string };

/** What the difference looks like: the same question answered by both, the largest difference first. */
export function PairsPanel({ a, b, ...asked }: PairsPanelProps) {
  const [show, setShow] = useState<'worse' | 'better'>('worse');
  const [shown, setShown] = useState(SHOWN);
  const query = usePairs({ ...asked, show, limit: 20 });
  return (
    <Panel
      title="The same question, both answers"
      what="the pairs"
      query={query}
      height={160}
      actions={
        <Segmented
          label="Which pairs"
          value={show}
          options={DIRECTIONS}
          onChange={value => {
            setShow(value);
            setShown(SHOWN);
          }}
        />
      }
      empty={({ pairs, looked_at }) =>
        pairs.length > 0 ? null : (
          <Note title={`No pair in which B is ${show}.`}>
            <span>
              {looked_at.without_text > 0 && looked_at.matched === 0
                ? 'Texts of these calls are not kept (any more).'
                : `${format.count(looked_at.control)} scored calls of A and ${format.count(looked_at.candidate)} of B were looked at; ${format.count(looked_at.matched)} pairs were asked nearly the same.`}
            </span>
          </Note>
        )
      }
    >
      {({ pairs, notes, looked_at }) => (
        <>
          <ol>
            {pairs.slice(0, shown).map(pair => (
              <Pair key={`${pair.control.span_id} ${pair.candidate.span_id}`} pair={pair} a={a} b={b} />
            ))}
          </ol>
          <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2">
            <p className="max-w-text text-label text-muted">
              {format.count(looked_at.matched)} pairs among {format.count(looked_at.control)} scored calls of
              A and {format.count(looked_at.candidate)} of B. {notes.join(' ')}
            </p>
            {pairs.length > shown && (
              <Button onClick={() => setShown(pairs.length)}>Show all {pairs.length}</Button>
            )}
          </div>
        </>
      )}
    </Panel>
  );
}

function Pair({ pair, a, b }: { pair: ComparedPair; a: string; b: string }) {
  const { control, candidate, difference, similarity } = pair;
  const asked = candidate.input ?? control.input;
  return (
    <li className="border-t border-line px-4 py-3">
      <p className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="line-clamp-2 min-w-0 font-semibold">
          {asked ?? <span className="font-normal text-muted">The question is not kept.</span>}
        </span>
        <span
          className="text-label whitespace-nowrap text-muted"
          title="difference of the scores, and how far the words of both questions overlap"
        >
          {differenceText(format, 'quality', difference)}, {format.percent(similarity)} alike
        </span>
      </p>
      <div className="grid gap-px overflow-hidden rounded-control border border-line bg-line md:grid-cols-2">
        <Side title="A" name={a} call={control} />
        <Side title="B" name={b} call={candidate} isCandidate />
      </div>
    </li>
  );
}

interface SideProps {
  title: string;
  name: string;
  call: ComparedCall;
  isCandidate?: boolean;
}

function Side({ title, name, call, isCandidate = false }: SideProps) {
  const at = Date.parse(call.time);
  return (
    <div
      className={`flex min-w-0 flex-col gap-1 border-t-2 bg-bg p-3 ${isCandidate ? 'border-accent' : 'border-muted'}`}
    >
      <p className="flex items-baseline justify-between gap-2 text-label">
        <span className="min-w-0 truncate">
          <span className="font-semibold">{title}</span> <span className="text-muted">{name}</span>
        </span>
        <span className="whitespace-nowrap">
          score <span className="font-semibold">{format.score(call.score)}</span>
        </span>
      </p>
      <p className="line-clamp-5 break-words">
        {call.output ?? <span className="text-muted">The answer is not kept.</span>}
      </p>
      <p className="mt-auto flex flex-wrap items-center justify-between gap-x-3 text-label text-muted">
        <span>
          {call.model}, {dayTime(at, viewerZone())}
        </span>
        <Link
          to="/traces/$traceId"
          params={{ traceId: call.trace_id }}
          search={{ span: call.span_id }}
          className="inline-flex items-center text-accent hover:underline pointer-coarse:min-h-11"
        >
          Open trace<span className="sr-only"> of {title}</span>
        </Link>
      </p>
    </div>
  );
}
