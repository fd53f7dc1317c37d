import type { SpendChange } from '#contract/spend.ts';
import { useExplained } from '../../data/spend.ts';
import { format, MISSING } from '../../format.ts';
import { exactUsd, nanosOf, signedUsd } from '../../money.ts';
import { monthWord } from '../../month.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { partlyKnown, previousWords } from './header-words.ts';
import { addsUp, causeLabels, isUnpriced, unpricedCallsWords, unpricedWords } from './reasons.ts';
import type { SpendView } from './use-spend-view.ts';
import { waterfall } from './waterfall.ts';
import { valueLabel } from './words.ts';

interface ChangeSheetProps {
  view: SpendView;
  /** Conditions of what changed. */
  where: string;
}

/** What a change was made of: from the month before to this one, cause by cause, to the nano-dollar. */
export function ChangeSheet({ view, where }: ChangeSheetProps) {
  const { range, previous } = view;
  const partly = partlyKnown(view);
  const query = useExplained({
    ...range,
    against_from: previous.from,
    against_to: previous.to,
    where,
    by: 'model',
    limit: 20,
  });
  return (
    <div className="flex flex-col gap-4 p-4">
      {partly && <Note title={`${partly}: most of this change may be days nobody recorded.`} />}
      <Panel
        title={`${monthWord(view.month)}${view.running ? ' so far' : ''} against ${previousWords(view)}`}
        what="the change"
        query={query}
        height={320}
        empty={({ total }) =>
          total.calls_before + total.calls_after === 0 ? <Note title="No calls in either month." /> : null
        }
      >
        {({ total }) => <Steps change={total} view={view} />}
      </Panel>
      <Panel title="By model" what="the models" query={query} height={80}>
        {({ rows }) => (
          <table className="mb-2 w-full">
            <thead className="text-label text-muted">
              <tr>
                <th scope="col" className="h-7 px-4 text-left max-md:pr-2">
                  Model
                </th>
                <th scope="col" className="h-7 pr-4 text-right max-md:pr-2">
                  Before
                </th>
                <th scope="col" className="h-7 pr-4 text-right max-md:pr-2">
                  Now
                </th>
                <th scope="col" className="h-7 pr-4 text-right">
                  Change
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <tr key={row.key} className="border-t border-line">
                  <th scope="row" className="h-8 px-4 py-1 text-left font-normal wrap-anywhere max-md:pr-2">
                    {valueLabel('model', row.key)}
                  </th>
                  <td className="h-8 pr-4 text-right whitespace-nowrap max-md:pr-2">
                    <Amount usd={row.before_usd} unpriced={row.unpriced_before} />
                  </td>
                  <td className="h-8 pr-4 text-right whitespace-nowrap max-md:pr-2">
                    <Amount usd={row.after_usd} unpriced={row.unpriced_after} />
                  </td>
                  <td className="h-8 pr-4 text-right whitespace-nowrap">
                    <Changed row={row} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      <p className="text-label text-muted">
        Each cause is averaged over every order in which the causes could be looked at, so none is counted
        twice and nothing is left over.
      </p>
    </div>
  );
}

/** What is known of an amount: no price is not a price of zero. */
function Amount({ usd, unpriced }: { usd: string; unpriced: number }) {
  const calls = unpricedCallsWords(unpriced);
  if (isUnpriced(usd, unpriced))
    return (
      <span className="text-warning" title={calls}>
        unpriced
      </span>
    );
  return (
    <span title={unpriced > 0 ? `${exactUsd(usd)} and ${calls}` : exactUsd(usd)}>{format.usd(usd)}</span>
  );
}

function Changed({ row: { change_usd, ...row } }: { row: SpendChange }) {
  const isKnown = row.unpriced_before + row.unpriced_after === 0 || nanosOf(change_usd) !== 0n;
  return isKnown ? <span title={exactUsd(change_usd)}>{signedUsd(change_usd)}</span> : MISSING;
}

/** A table whose cells hold the bars: figures and picture are the same rows. */
function Steps({ change, view }: { change: SpendChange; view: SpendView }) {
  const drawn = waterfall(change);
  const exact = addsUp(change);
  return (
    <>
      <table className="w-full">
        <caption className="sr-only">What the change was made of</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Cause</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          <Bar label={previousWords(view)} from={0} to={drawn.before} tone="bg-muted" strong>
            <Amount usd={change.before_usd} unpriced={change.unpriced_before} />
          </Bar>
          {drawn.steps.map(({ cause, usd, from, to }) => (
            <Bar
              key={cause}
              label={causeLabels[cause]}
              from={Math.min(from, to)}
              to={Math.max(from, to)}
              tone={nanosOf(usd) > 0n ? 'bg-warning' : 'bg-good'}
              title={exactUsd(usd)}
            >
              {signedUsd(usd)}
            </Bar>
          ))}
          <Bar
            label={`${monthWord(view.month)}${view.running ? ' so far' : ''}`}
            from={0}
            to={drawn.after}
            tone="bg-accent"
            strong
          >
            <Amount usd={change.after_usd} unpriced={change.unpriced_after} />
          </Bar>
        </tbody>
      </table>
      {nanosOf(drawn.baseUsd) !== 0n && (
        <p className="px-4 pb-2 text-label text-muted">The bars begin at {format.usd(drawn.baseUsd)}.</p>
      )}
      {change.unpriced_before + change.unpriced_after > 0 && (
        <p className="flex items-start gap-2 border-t border-line px-4 py-2">
          <StatusIcon status="warning" />
          <span className="min-w-0">Not in these amounts: {unpricedWords(change)}.</span>
        </p>
      )}
      <p className="flex items-start gap-2 border-t border-line px-4 py-2">
        <StatusIcon status={exact ? 'good' : 'critical'} />
        <span className="min-w-0">
          {exact ? 'The causes add up to the change exactly:' : 'The causes do not add up to the change:'}
          <span className="block font-mono">{exactUsd(change.change_usd)}</span>
        </span>
      </p>
    </>
  );
}

interface BarProps {
  label: string;
  from: number;
  to: number;
  tone: string;
  title?: string;
  strong?: boolean;
  children: React.ReactNode;
}

function Bar({ label, from, to, tone, title, strong, children }: BarProps) {
  return (
    <tr className={strong ? 'font-semibold' : undefined}>
      <th scope="row" className={`h-8 w-[38%] px-4 text-left ${strong ? '' : 'font-normal'}`}>
        {label}
      </th>
      <td className="h-8 pr-4">
        <span className="flex items-center gap-3">
          <span className="relative block h-4 min-w-0 flex-1 border-l border-line" aria-hidden>
            <span
              className={`absolute inset-y-0 min-w-px rounded-[2px] ${tone}`}
              style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
            />
          </span>
          <span className="w-24 shrink-0 text-right whitespace-nowrap" title={title}>
            {children}
          </span>
        </span>
      </td>
    </tr>
  );
}
