import type { Silence } from '#contract/silence.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useEndSilence, useSilences } from '../../data/rules.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Button } from '../../ui/button.tsx';
import { matcherWords } from './words.ts';

const STATES = { active: 'Active', planned: 'Planned', expired: 'Expired' } as const;

/** What is kept quiet now, later, and was lately. */
export function SilenceList() {
  const { data, error, refetch } = useSilences();
  if (!data)
    return error ? (
      <Failure what="Could not load the silences." error={error} onRetry={() => void refetch()} />
    ) : (
      <div role="status" className="appear h-32 rounded-card bg-surface">
        <span className="sr-only">Loading</span>
      </div>
    );
  if (data.silences.length === 0)
    return (
      <Note title="Nothing is silenced.">
        <span className="max-w-text">
          A silence or a maintenance window tells nobody of alerts that match, for a time. They are still
          measured and shown here.
        </span>
      </Note>
    );
  return (
    <ul className="overflow-hidden rounded-card border border-line">
      {data.silences.map(silence => (
        <Row key={silence.id} silence={silence} />
      ))}
    </ul>
  );
}

function Row({ silence }: { silence: Silence }) {
  const { id, state, kind, match, from, to, comment, created_by, ended_by, mutes } = silence;
  const [name] = useStored('name');
  const end = useEndSilence();
  const near = (at: string) => timeNear(Date.parse(at), Date.now(), viewerZone());
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="min-w-0">
        <p className={state === 'expired' ? 'text-muted' : 'font-semibold'}>
          {match.map(matcherWords).join(', ')}
        </p>
        <p className="break-words">{comment}</p>
        <p
          className="text-label text-muted"
          title={`${exact(Date.parse(from), viewerZone())} to ${exact(Date.parse(to), viewerZone())}`}
        >
          {STATES[state]}
          {kind === 'maintenance' && ' maintenance window'}
          {`, ${near(from)} to ${near(to)}, by ${created_by}`}
          {ended_by && `, ended by ${ended_by}`}
          {state === 'active' && `, keeps ${mutes === 1 ? '1 alert' : `${mutes} alerts`} quiet now`}
        </p>
        {end.error && <Failure what="It was not ended." error={end.error} />}
      </div>
      {state !== 'expired' && (
        <Button disabled={end.isPending} onClick={() => end.mutate({ id, by: name || 'on-call' })}>
          {state === 'planned' ? 'Call off' : 'End now'}
        </Button>
      )}
    </li>
  );
}
