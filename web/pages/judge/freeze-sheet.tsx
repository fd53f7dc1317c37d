import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { AnchorCandidate, AnchorSource } from '#contract/judge.ts';
import { useGoldenSets } from '../../data/golden.ts';
import { type Candidates, type JudgeState, useCandidates, useFreezeAnchors } from '../../data/judge.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Labelled } from '../../ui/labelled.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { questionsText, sourceHelp, sourceLabels } from './words.ts';

interface FreezeSheetProps {
  /** Null when it is closed; the judge whose anchors are chosen, '' for none yet. */
  opened: string | null;
  state: JudgeState;
  onClose: () => void;
}

const fewest = 10;
const shown = 60;
const firstScores = ['2', '3', '5'] as const;
const sources = ['judged', 'labelled', 'golden'] as const;

/** Choose examples, see what asking them will take, freeze. */
export function FreezeSheet({ opened, state, onClose }: FreezeSheetProps) {
  return (
    <Dialog shape="side" open={opened !== null} onClose={onClose} title="Freeze anchors">
      {opened !== null && <FreezeForm score={opened} state={state} onClose={onClose} />}
    </Dialog>
  );
}

function FreezeForm({
  score: given,
  state,
  onClose,
}: {
  score: string;
  state: JudgeState;
  onClose: () => void;
}) {
  const [score, setScore] = useState(given || (state.rubrics[0]?.name ?? ''));
  const [source, setSource] = useState<AnchorSource>('judged');
  const [chosenSet, setSet] = useState('');
  const [times, setTimes] = useState<(typeof firstScores)[number]>('3');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const sets = useGoldenSets().data?.sets ?? [];
  const set = chosenSet || (sets[0]?.set ?? '');
  const asked = { score, source, limit: shown, ...(source === 'golden' && { set }) };
  const query = useCandidates(asked, source !== 'golden' || set !== '');
  const freeze = useFreezeAnchors();
  const candidates = query.data?.candidates ?? [];
  const chosen = candidates.filter(({ key }) => !left.has(key));
  const isEnough = chosen.length >= fewest;
  const change = (work: () => void) => {
    freeze.reset();
    setLeft(new Set());
    work();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isEnough) return;
    freeze.mutate({
      score,
      source,
      ...(source === 'golden' && { set }),
      candidates: chosen.map(({ key }) => key),
      first_scores: Number(times),
    });
  };
  if (freeze.data)
    return (
      <div className="flex flex-col items-start gap-3 p-4">
        <p role="status">
          {format.full(freeze.data.anchors)} anchors of {score} are frozen as version{' '}
          {format.full(freeze.data.version)}. They are scored again every{' '}
          {format.plain(state.settings.anchors_every_hours)} hours.
        </p>
        <Button onClick={onClose}>Done</Button>
      </div>
    );
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 px-4">
      <div className="flex flex-wrap gap-3">
        <Labelled label="Judge">
          <Select
            label="Judge whose anchors are frozen"
            value={score}
            options={state.rubrics.map(({ name }) => ({ value: name, label: name }))}
            onChange={name => change(() => setScore(name))}
          />
        </Labelled>
        <Labelled label="Scored at the start">
          <Select
            label="How often each is scored at the start"
            value={times}
            options={firstScores.map(value => ({ value, label: `${value} times` }))}
            onChange={setTimes}
          />
        </Labelled>
      </div>
      <div>
        <Segmented
          label="Where the examples come from"
          value={source}
          options={sources.map(value => ({ value, label: sourceLabels[value] }))}
          onChange={value => change(() => setSource(value))}
        />
        <p className="mt-1 text-muted">{sourceHelp[source]}</p>
      </div>
      {source === 'golden' &&
        (sets.length > 0 ? (
          <Labelled label="Golden set">
            <Select
              label="Golden set to take answers from"
              value={set}
              options={sets.map(one => ({ value: one.set, label: one.set }))}
              onChange={value => change(() => setSet(value))}
            />
          </Labelled>
        ) : (
          <p>
            There is no golden set yet.{' '}
            <Link to="/golden" className="text-accent underline hover:no-underline">
              Make one
            </Link>
          </p>
        ))}
      {query.error && (
        <Failure
          what="Could not look for examples."
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isFetching && !query.data && (
        <p role="status" className="text-muted">
          Looking for examples
        </p>
      )}
      {query.data && <Found {...query.data} score={score} />}
      {candidates.length > 0 && <CandidateList candidates={candidates} left={left} onLeft={setLeft} />}
      {query.data && (
        <div className="sticky bottom-0 -mx-4 flex flex-wrap items-center justify-between gap-2 border-t border-line bg-bg px-4 py-3">
          <p className="min-w-0 text-muted">
            {isEnough
              ? `${format.full(chosen.length)} chosen: ${questionsText(chosen.length, Number(times), state.spend)}`
              : `${format.full(chosen.length)} chosen; at least ${fewest} are needed.`}
          </p>
          <Button type="submit" look="primary" disabled={!isEnough || freeze.isPending}>
            {freeze.isPending ? 'Asking the judge' : `Freeze ${format.full(chosen.length)}`}
          </Button>
          {freeze.error && (
            <div className="w-full">
              <Failure what="Nothing was frozen." error={freeze.error} />
            </div>
          )}
        </div>
      )}
    </form>
  );
}

const partNames: Record<string, string> = {
  input: 'a question',
  output: 'an answer',
  reference: 'a reference',
  context: 'sources',
};

function Found({ candidates, found, unfit, missing, score }: Candidates & { score: string }) {
  if (found === 0) return <p>Nothing was found there.</p>;
  if (unfit === 0 && candidates.length > 0) return null;
  const parts = missing.map(part => partNames[part] ?? part).join(' or ');
  return (
    <p className="max-w-text text-muted">
      {candidates.length === 0
        ? `None of ${format.full(found)} found can be judged by ${score}: they have no ${parts}.`
        : `${format.full(unfit)} more were left out; some have no ${parts}.`}
    </p>
  );
}

interface CandidateListProps {
  candidates: readonly AnchorCandidate[];
  /** Keys of those that are not taken. */
  left: ReadonlySet<string>;
  onLeft: (left: ReadonlySet<string>) => void;
}

function CandidateList({ candidates, left, onLeft }: CandidateListProps) {
  const toggle = (key: string) => {
    const next = new Set(left);
    if (!next.delete(key)) next.add(key);
    onLeft(next);
  };
  return (
    <fieldset className="-mx-4 min-w-0">
      <legend className="sr-only">Examples to freeze</legend>
      <ul>
        {candidates.map(({ key, input, output, value }, at) => (
          <li key={key} className="border-t border-line px-4 py-2">
            <label className="flex cursor-pointer items-start gap-3">
              <input
                type="checkbox"
                checked={!left.has(key)}
                aria-label={`Example ${at + 1}: ${(input || output).slice(0, 80)}`}
                onChange={() => toggle(key)}
                className="mt-0.5 size-4 shrink-0 cursor-pointer accent-accent pointer-coarse:size-5"
              />
              <span className="min-w-0 flex-1">
                {input && <span className="line-clamp-2 break-words">{input}</span>}
                <span className="line-clamp-2 break-words text-muted">{output}</span>
              </span>
              <span className="shrink-0" title="What the source says of it">
                {format.score(value)}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
