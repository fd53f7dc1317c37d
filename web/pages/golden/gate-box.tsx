import { useGate } from '../../data/golden.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { pointsText } from './words.ts';

interface GateBoxProps {
  set: string;
  baseline: string;
  candidate: string;
  evaluator: string;
}

const statuses = { pass: 'good', fail: 'critical', not_enough_cases: 'warning' } as const;

/** Whether the candidate may ship, and the command that asks the same in CI. */
export function GateBox(props: GateBoxProps) {
  const query = useGate(props);
  const gate = query.data?.gate;
  if (query.error && !gate)
    return (
      <section aria-label="Gate" className="rounded-card border border-line">
        <Failure what="The gate cannot judge." error={query.error} onRetry={() => void query.refetch()} />
      </section>
    );
  const { set, baseline, candidate, evaluator } = props;
  const command = `npx driftline gate --set ${set} --baseline ${baseline} --candidate ${candidate} --evaluator ${evaluator} --report report.md`;
  return (
    <section aria-label="Gate" aria-busy={query.isFetching} className="rounded-card border border-line p-4">
      {!gate ? (
        <div role="status" className="appear h-16 rounded-control bg-surface">
          <span className="sr-only">Loading</span>
        </div>
      ) : (
        <>
          <p className="flex items-start gap-2 text-lead font-semibold">
            <span className="mt-1 shrink-0">
              <StatusIcon status={statuses[gate.verdict]} />
            </span>
            {gate.sentence}
          </p>
          <dl className="mt-3 grid grid-cols-2 gap-x-4 gap-y-2 md:grid-cols-5">
            <Fact name="Baseline" value={format.score(gate.baseline_mean)} />
            <Fact name="Candidate" value={format.score(gate.candidate_mean)} />
            <Fact name="Difference" value={pointsText(gate.difference)} />
            <Fact
              name={`One-sided bounds, ${format.percent(1 - gate.alpha)} each`}
              value={
                gate.low === null ? format.plain(null) : `${pointsText(gate.low)} to ${pointsText(gate.high)}`
              }
            />
            <Fact name="Cases compared" value={counted(gate)} />
          </dl>
        </>
      )}
      <Disclosure summary="Ask the same in CI">
        <div className="flex items-start gap-2">
          <pre className="min-w-0 flex-1 rounded-control bg-surface p-3 font-mono text-label break-all whitespace-pre-wrap">
            {command}
          </pre>
          <CopyButton look="quiet" text={command} label="Copy" />
        </div>
        <p className="mt-1 max-w-text text-muted">
          Exit code 0 is pass, 1 fail, 2 not enough cases. Runs may also be named by prompt:, model: or
          release:. {gate && `Method: ${gate.method}.`}
        </p>
      </Disclosure>
    </section>
  );
}

function counted({ n, unknown, left_out }: NonNullable<ReturnType<typeof useGate>['data']>['gate']): string {
  const more = [unknown > 0 && `${unknown} without a score`, left_out > 0 && `${left_out} left out`];
  return [format.full(n), ...more.filter(Boolean)].join(', ');
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-label text-muted">{name}</dt>
      <dd className="font-semibold">{value}</dd>
    </div>
  );
}
