import { useAnchorExamples } from '../../data/judge.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { pointsText } from '../golden/words.ts';

/** Every frozen example with how it was scored at first and is scored now, those that moved most first. */
export function AnchorSheet({ score, onClose }: { score: string | null; onClose: () => void }) {
  return (
    <Dialog shape="side" open={score !== null} onClose={onClose} title={`Anchors of ${score ?? ''}`}>
      {score !== null && <Examples score={score} />}
    </Dialog>
  );
}

function Examples({ score }: { score: string }) {
  const { data, error, refetch } = useAnchorExamples(score);
  if (!data)
    return error ? (
      <Failure what="Could not load the anchors." error={error} onRetry={() => void refetch()} />
    ) : null;
  const lines = data.examples
    .map((example, at) => ({ ...example, at, was: mean(example.first) }))
    .map(one => ({ ...one, change: one.last === null ? null : one.last - one.was }))
    .sort((a, b) => Math.abs(b.change ?? 0) - Math.abs(a.change ?? 0) || a.at - b.at);
  return (
    <>
      <p className="px-4 pb-2 text-muted">
        Version {format.full(data.version)}, {format.full(lines.length)} examples; those that moved most
        first.
      </p>
      <ul>
        {lines.map(({ at, input, output, reference, context, first, was, last, change }) => (
          <li key={at} className="border-t border-line px-4 py-2">
            <p className="flex flex-wrap justify-between gap-x-3">
              <span>
                <span className="text-muted">First</span> {format.score(was)}
                {first.length > 1 && (
                  <span className="text-label text-muted">
                    {' '}
                    ({first.map(value => format.score(value)).join(', ')})
                  </span>
                )}
              </span>
              <span>
                <span className="text-muted">now</span> {format.score(last)}
                {change !== null && <span className="text-muted"> {pointsText(change)}</span>}
              </span>
            </p>
            <p className="mt-1 line-clamp-2 max-w-text break-words">{input ?? output}</p>
            <Disclosure summary="Its texts">
              <dl className="flex flex-col gap-1 pb-2 pl-5">
                <Text what="Question" text={input} />
                <Text what="Answer" text={output} />
                <Text what="Reference" text={reference} />
                {context.map((passage, place) => (
                  <Text key={passage} what={`Source ${place + 1}`} text={passage} />
                ))}
              </dl>
            </Disclosure>
          </li>
        ))}
      </ul>
    </>
  );
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

function Text({ what, text }: { what: string; text: string | null }) {
  if (text === null) return null;
  return (
    <div>
      <dt className="text-label text-muted">{what}</dt>
      <dd className="max-w-text break-words whitespace-pre-line">{text}</dd>
    </div>
  );
}
