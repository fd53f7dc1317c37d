import { Link } from '@tanstack/react-router';
import type { ModelCard } from '../../data/model-card.ts';
import { format } from '../../format.ts';
import { FactTable } from './fact-table.tsx';
import { intervalOf } from './known.tsx';
import { Missing, Section } from './section.tsx';

type Failures = ModelCard['failures'];
type Example = Failures['lowest'][number]['examples'][number];

/** Errors, how answers ended, refusals, and what scored worst; each leads to calls to look at. */
export function KnownFailures({ card: { failures, calls } }: { card: ModelCard }) {
  const { refusals, lowest } = failures;
  return (
    <Section title="Known failures">
      {calls === 0 ? (
        <Missing>Not known: there are no calls.</Missing>
      ) : (
        <p>
          {format.full(failures.failed_calls)} of {format.full(calls)} calls failed.{' '}
          {refusals === null || refusals.value === null
            ? 'Refusals are not known.'
            : `${format.percent(refusals.value)} of answers refuse (95 % interval ${intervalOf(refusals)}, ${format.full(refusals.n)} scores).`}
        </p>
      )}
      <Counted title="Error type" rows={failures.error_types} />
      <Counted title="Finish reason" rows={failures.finish_reasons} />
      {lowest.length > 0 && (
        <div className="mt-3">
          <FactTable
            label="Worst labels of each score"
            heads={['Worst labels', 'Scores', 'Mean', 'Worst calls']}
            lines={lowest.map(one => ({
              id: `${one.score} ${one.label}`,
              name: `${one.score}: ${one.label || '(no label)'}`,
              cells: [
                format.full(one.n),
                format.score(one.mean),
                <Examples key="examples" of={`${one.score} ${one.label}`} examples={one.examples} />,
              ],
            }))}
          />
        </div>
      )}
    </Section>
  );
}

function Counted({ title, rows }: { title: string; rows: Failures['error_types'] }) {
  if (rows.length === 0) return null;
  return (
    <div className="mt-3">
      <FactTable
        label={title}
        heads={[title, 'Calls', 'Share of calls', 'Examples']}
        lines={rows.map(one => ({
          id: one.name,
          name: one.name,
          cells: [
            format.full(one.calls),
            format.percent(one.share),
            <Examples key="examples" of={one.name} examples={one.examples} />,
          ],
        }))}
      />
    </div>
  );
}

function Examples({ of, examples }: { of: string; examples: readonly Example[] }) {
  return (
    <span className="inline-flex gap-2">
      {examples.map(({ trace_id, span_id }, at) => (
        <Link
          key={`${trace_id} ${span_id}`}
          to="/traces/$traceId"
          params={{ traceId: trace_id }}
          search={{ span: span_id }}
          aria-label={`${of}, example ${at + 1}`}
          className="inline-flex min-w-6 items-center justify-center text-accent underline pointer-coarse:min-h-11 pointer-coarse:min-w-11"
        >
          {at + 1}
        </Link>
      ))}
    </span>
  );
}
