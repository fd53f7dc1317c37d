import { type ReviewQueue, type Taken, useFill, useTaken, useTakeSkipped } from '../../data/review.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Button } from '../../ui/button.tsx';
import { plural } from './words.ts';

interface DoneProps {
  queue: ReviewQueue;
  reviewer: string;
  taken: Taken;
}

/** Nothing is left for this person: what was put aside, and whether there is more. */
export function Done({ queue, reviewer, taken: { progress } }: DoneProps) {
  const again = useTakeSkipped(queue.queue, reviewer);
  const taken = useTaken(queue.queue, reviewer);
  const fill = useFill(queue.queue);
  return (
    <div className="rounded-card border border-line">
      <Note title={progress.labelled > 0 ? 'Nothing is left for you here.' : 'Nothing to look at yet.'}>
        <span>
          {progress.labelled > 0 && `You labelled ${plural(progress.labelled, 'item')}. `}
          {queue.rules.length === 0
            ? 'No rule brings calls in; put some in from a trace or through the API.'
            : 'Its rules are looked at every five minutes.'}
        </span>
        {progress.skipped > 0 && (
          <Button look="primary" disabled={again.isPending} onClick={() => again.mutate()}>
            Look at the {plural(progress.skipped, 'one')} you put aside
          </Button>
        )}
        {queue.rules.length > 0 && (
          <Button
            disabled={fill.isPending || taken.isFetching}
            onClick={() => fill.mutate(168, { onSuccess: () => void taken.refetch() })}
          >
            {fill.isPending ? 'Looking' : 'Look through the last 7 days'}
          </Button>
        )}
      </Note>
      <p role="status" className="px-4 pb-3 text-muted empty:hidden">
        {fill.data && `Found ${fill.data.found}, ${fill.data.added} of them new.`}
      </p>
      {again.error && <Failure what="They did not come back." error={again.error} />}
      {fill.error && <Failure what="Could not look for calls." error={fill.error} />}
    </div>
  );
}
