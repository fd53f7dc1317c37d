import { Link } from '@tanstack/react-router';
import { dayTime, viewerZone } from '../../clock.ts';
import type { ModelCard } from '../../data/model-card.ts';
import { format } from '../../format.ts';
import { FactTable } from './fact-table.tsx';
import { intervalOf } from './known.tsx';
import { Missing, Section } from './section.tsx';

const verdicts = { pass: 'Pass', fail: 'Fail', not_enough_cases: 'Not enough cases' } as const;
const at = (iso: string) => dayTime(Date.parse(iso), viewerZone());

/** Runs of golden sets with what the gate says of the newest against the one before it. */
export function Golden({ card: { golden } }: { card: ModelCard }) {
  const lines = golden.runs.flatMap(run =>
    (run.scores.length > 0 ? run.scores : [null]).map(score => ({
      id: `${run.run_id} ${score?.evaluator}`,
      name: (
        <>
          <Link to="/golden/$set" params={{ set: run.set }} className="text-accent underline">
            {run.set}
          </Link>{' '}
          v{run.version}, {run.name}
        </>
      ),
      cells: [
        at(run.created_at),
        `${format.full(run.totals.results)} of ${format.full(run.totals.cases)}`,
        score?.evaluator ?? 'not scored',
        score?.mean == null ? 'not known' : `${format.score(score.mean)} (${intervalOf(score)})`,
      ],
    })),
  );
  return (
    <Section title="Golden sets">
      {lines.length === 0 ? (
        <Missing>No golden set of this feature has been run with this version.</Missing>
      ) : (
        <FactTable
          label="Runs of golden sets"
          heads={['Run', 'Made', 'Cases', 'Evaluator', 'Mean and 95 % interval']}
          lines={lines}
        />
      )}
      {golden.gates.map(({ set, gate }) => (
        <p key={set} className="mt-2 max-w-text">
          <span className="font-semibold">
            {set}: {verdicts[gate.verdict]}.
          </span>{' '}
          {gate.sentence} ({format.full(gate.n)} cases)
        </p>
      ))}
    </Section>
  );
}

/** Gaps that are surely there; small cohorts are counted, never shown. */
export function Gaps({ card: { fairness } }: { card: ModelCard }) {
  const lines = (fairness?.cohorts ?? []).flatMap(({ value, gaps }) =>
    gaps
      .filter(({ flagged }) => flagged)
      .map(one => ({
        id: `${value} ${one.measure}`,
        name: value || '(none named)',
        cells: [
          one.measure,
          one.gap === null ? 'not known' : one.gap.toFixed(3),
          intervalOf(one),
          format.full(one.calls),
        ],
      })),
  );
  return (
    <Section title="Gaps between tenants">
      {fairness ? (
        <p className="max-w-text">
          {fairness.sentence} {format.full(fairness.cohorts.length)} cohorts compared
          {fairness.small_cohorts.cohorts > 0 &&
            `; ${format.full(fairness.small_cohorts.cohorts)} more, with ${format.full(fairness.small_cohorts.calls)} calls together, too small to be shown`}
          .
        </p>
      ) : (
        <Missing>Not known: fewer than two tenants are named.</Missing>
      )}
      {lines.length > 0 && (
        <FactTable
          label="gaps between tenants"
          heads={['Tenant', 'Measure', 'Gap to the others', 'Interval', 'Calls']}
          lines={lines}
        />
      )}
    </Section>
  );
}

/** Whether the judges of these scores are as they were. */
export function Judges({ card: { judges } }: { card: ModelCard }) {
  return (
    <Section title="Judges">
      {judges.length === 0 && <Missing>No judge of these scores is watched.</Missing>}
      <ul>
        {judges.map(({ score, anchored_since, changes }) => (
          <li key={score}>
            {score}: {anchored_since ? `watched since ${at(anchored_since)}` : 'not watched now'}
            {changes.length === 0 && ', no change found'}
            {changes.map(one => (
              <p key={one.by} className="pl-4 text-warning">
                The judge changed between {at(one.after)} and {at(one.by)} by {one.difference.toFixed(3)} (
                {intervalOf(one)}), {one.ended_at ? `until ${at(one.ended_at)}` : 'and still differs'}.
              </p>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}
