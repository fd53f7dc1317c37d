import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ago, exact, viewerZone } from '../../clock.ts';
import { useGoldenSets } from '../../data/golden.ts';
import {
  type ReviewQueue,
  type TakenItem,
  useAgreement,
  useLabel,
  useSkip,
  useTaken,
} from '../../data/review.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { KeyHint } from '../../ui/key-hint.tsx';
import { Select } from '../../ui/select.tsx';
import { Messages } from '../trace/messages.tsx';
import { Done } from './done.tsx';
import { type Draft, keyed, missing, valuesOf } from './draft.ts';
import { LabelForm } from './label-form.tsx';
import { useReviewKeys } from './use-review-keys.ts';
import { plural, strength } from './words.ts';

interface WorkProps {
  queue: ReviewQueue;
  reviewer: string;
}

/** The item at hand: what was asked and answered, and what one thinks of it. */
export function Work({ queue, reviewer }: WorkProps) {
  const query = useTaken(queue.queue, reviewer);
  const [last, setLast] = useState<{ item: TakenItem; draft: Draft } | null>(null);
  /** The item before, to be labelled again. */
  const [back, setBack] = useState<typeof last>(null);
  if (!query.data)
    return query.error ? (
      <Failure
        what="Could not load the next item."
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <div role="status" className="appear h-64 rounded-card bg-surface">
        <span className="sr-only">Loading</span>
      </div>
    );
  const item = back?.item ?? query.data.item;
  if (!item) return <Done queue={queue} reviewer={reviewer} taken={query.data} />;
  const { remaining, labelled } = query.data.progress;
  return (
    <>
      <p className="mb-3 text-muted" aria-live="polite">
        <span className="font-semibold text-ink">{remaining} left</span> for you, {labelled} done.
        {back && ' This is your last one again.'}
        <AgreementFigure queue={queue.queue} />
      </p>
      <OneItem
        key={`${item.item_id} ${back ? 'again' : ''}`}
        queue={queue}
        reviewer={reviewer}
        item={item}
        said={back?.draft ?? {}}
        isLeaving={query.isFetching}
        onUndo={last && !back ? () => setBack(last) : null}
        onDone={draft => {
          setLast(draft && { item, draft });
          if (back) setBack(null);
          else void query.refetch();
        }}
      />
    </>
  );
}

/** Of the first field that two people have answered. */
function AgreementFigure({ queue }: { queue: string }) {
  const field = useAgreement(queue).data?.fields.find(({ pairs }) => pairs > 0);
  if (!field || field.same === null) return null;
  const share = `the same for ${Math.round(field.same * 100)} % of ${plural(field.pairs, 'item')}`;
  return (
    <span title={`${field.title} ${share}`}>
      {' '}
      {field.kappa === null
        ? `People said ${share}.`
        : `Agreement between people: ${strength(field.kappa)} (kappa ${field.kappa.toFixed(2)}, ${plural(field.pairs, 'item')}).`}
    </span>
  );
}

interface OneItemProps extends WorkProps {
  item: TakenItem;
  said: Draft;
  /** The next one is on its way. */
  isLeaving: boolean;
  onUndo: (() => void) | null;
  /** Null when it was put aside. */
  onDone: (draft: Draft | null) => void;
}

function OneItem({ queue, reviewer, item, said, isLeaving, onUndo, onDone }: OneItemProps) {
  const [draft, setDraft] = useState<Draft>(said);
  const [tried, setTried] = useState(false);
  const [goldenSet, setGoldenSet] = useStored('review-golden-set');
  const sets = useGoldenSets().data?.sets ?? [];
  const correction = useRef<HTMLTextAreaElement>(null);
  const top = useRef<HTMLHeadingElement>(null);
  const label = useLabel();
  const skip = useSkip();
  // Asking again by itself must not swallow a key; only what was said already waits for the next item.
  const isDone = label.isSuccess || skip.isSuccess;
  const isBusy = label.isPending || skip.isPending || (isDone && isLeaving);
  const gaps = missing(queue.fields, draft);
  // Whoever reads with a screen reader hears the next item.
  useEffect(() => top.current?.focus({ preventScroll: true }), []);
  const submit = () => {
    setTried(true);
    if (isBusy || gaps.length > 0) return;
    const known = sets.some(({ set }) => set === goldenSet) ? goldenSet : '';
    const request = { reviewer, values: valuesOf(draft), golden_set: known };
    label.mutate({ itemId: item.item_id, request }, { onSuccess: () => onDone(draft) });
  };
  const putAside = () =>
    isBusy || skip.mutate({ itemId: item.item_id, reviewer }, { onSuccess: () => onDone(null) });
  useReviewKeys(
    {
      say: key => {
        const next = keyed(queue.fields, draft, key);
        if (next) setDraft(next);
        return next !== undefined;
      },
      correct: () => correction.current?.focus(),
      skip: putAside,
      undo: () => onUndo?.(),
      submit,
    },
    true,
  );
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_360px]">
      <section aria-labelledby="conversation" className="min-w-0 rounded-card border border-line p-4">
        <h2
          id="conversation"
          ref={top}
          tabIndex={-1}
          className="mb-1 text-body focus-visible:outline-offset-4"
        >
          {item.feature || 'Conversation'}
        </h2>
        <AboutItem item={item} />
        {item.output.length + item.input.length > 0 ? (
          <Messages input={item.input} output={item.output} />
        ) : (
          <p className="text-muted">
            The text of this call is not kept (any more). Put it aside, or say what you know of it.
          </p>
        )}
      </section>
      <section
        aria-label="Your label"
        className="flex min-w-0 flex-col gap-4 rounded-card border border-line p-4 lg:sticky lg:top-4"
      >
        <LabelForm fields={queue.fields} draft={draft} onChange={setDraft} correctionRef={correction} />
        {sets.length > 0 && (
          <div className="flex flex-col gap-1">
            <span className="text-label font-semibold">Also keep it as a golden case</span>
            <Select
              label="Golden set"
              value={sets.some(({ set }) => set === goldenSet) ? goldenSet : ''}
              options={[
                { value: '', label: 'No' },
                ...sets.map(({ set }) => ({ value: set, label: `In ${set}` })),
              ]}
              onChange={setGoldenSet}
            />
          </div>
        )}
        {tried && gaps.length > 0 && (
          <p role="alert" className="text-critical">
            Still to say: {gaps.join(', ')}
          </p>
        )}
        {label.error && <Failure what="The label was not kept." error={label.error} />}
        {skip.error && <Failure what="The item was not put aside." error={skip.error} />}
        <div className="bottom-0 -mx-4 -mb-4 flex flex-wrap items-center gap-2 rounded-b-card border-t border-line bg-bg px-4 py-3 md:sticky">
          <Button look="primary" aria-disabled={isBusy} onClick={submit}>
            {label.isPending ? 'Keeping' : 'Submit'}
            <KeyHint keys="enter" />
          </Button>
          <Button aria-disabled={isBusy} onClick={putAside}>
            Skip
            <KeyHint keys="s" />
          </Button>
          {onUndo && (
            <Button look="quiet" onClick={onUndo}>
              Back
              <KeyHint keys="u" />
            </Button>
          )}
        </div>
      </section>
    </div>
  );
}

/** Where it comes from; why it is here is folded away, because it would sway a judgement. */
function AboutItem({ item }: { item: TakenItem }) {
  const at = Date.parse(item.call_time);
  return (
    <div className="mb-3">
      <p className="flex flex-wrap gap-x-3 text-label text-muted">
        <span>{[item.model, item.prompt].filter(Boolean).join(', ')}</span>
        <span title={exact(at, viewerZone())}>{ago(at, Date.now(), viewerZone())}</span>
        {item.assignee && <span>assigned to {item.assignee}</span>}
        {item.opinions_wanted > 1 && <span>two people look at this one</span>}
        <Link
          to="/traces/$traceId"
          params={{ traceId: item.trace_id }}
          search={{ span: item.span_id }}
          className="text-accent hover:underline"
        >
          Open trace
        </Link>
      </p>
      <Disclosure summary="Why it is here (it may sway you)">
        <ul className="list-disc pl-8 text-muted">
          {item.reasons.map(({ sentence }) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Disclosure>
    </div>
  );
}
