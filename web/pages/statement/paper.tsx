import type { ReactNode } from 'react';
import type { Statement } from '#contract/statement.ts';
import { dayTime } from '../../clock.ts';
import { format } from '../../format.ts';
import { exactUsd, nanosOf, sumUsd } from '../../money.ts';
import { monthName, monthWord } from '../../month.ts';
import { classes } from '../../ui/classes.ts';
import { lineLabels } from '../spend/words.ts';
import { Money, Row, Table } from './ruled-table.tsx';
import { centreLabels } from './search.ts';
import {
  budgetWords,
  centreName,
  comparisonWords,
  dateWords,
  fillingWords,
  periodWords,
  reasonWords,
} from './words.ts';

/** The statement itself: what is on the screen is what is printed. */
export function Paper({ statement }: { statement: Statement }) {
  return (
    <article
      data-statement
      aria-label={`Statement of ${centreName(statement)}, ${monthName(statement.month)}`}
      className="mx-auto max-w-[794px] rounded-card border border-line bg-bg p-4 md:p-12"
    >
      <Head statement={statement} />
      {statement.backfill !== null && (
        <p role="status" className="mt-4 rounded-control border border-warning px-4 py-2 text-warning">
          {fillingWords(statement.backfill)} Do not book this amount yet.
        </p>
      )}
      <Summary statement={statement} />
      <Lines statement={statement} />
      <Unpriced statement={statement} />
      <Features statement={statement} />
      <Commitments statement={statement} />
      <div className="keep">
        <Basis statement={statement} />
        <Signatures />
      </div>
    </article>
  );
}

function Head({ statement }: { statement: Statement }) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-4 border-b-2 border-ink pb-4">
      <div className="min-w-0">
        <p className="text-label font-semibold tracking-[0.08em] text-muted uppercase">
          Statement of spend on AI models
        </p>
        <h2 className="mt-1 text-figure break-words">{centreName(statement)}</h2>
        <p className="mt-1 text-lead">
          {monthName(statement.month)}
          <span className="text-muted">
            , {periodWords(statement)}, {statement.zone}
          </span>
        </p>
      </div>
      <Stamp statement={statement} />
    </div>
  );
}

/** Whether the number can still move. */
function Stamp({ statement: { state, closed_at, closed_by, zone, as_of } }: { statement: Statement }) {
  const closed = state === 'closed';
  const asOf = as_of && dayTime(Date.parse(as_of), zone);
  return (
    <div
      className={classes(
        'shrink-0 rounded-control border-2 px-4 py-2 text-center',
        closed ? 'border-good text-good' : 'border-dashed border-warning text-warning',
      )}
    >
      <p className="text-lead font-semibold tracking-[0.08em] uppercase">
        {closed ? 'Closed' : 'Provisional'}
      </p>
      <p className="text-label">
        {closed
          ? `${closed_at ? dateWords(closed_at, zone) : ''}${closed_by ? `, ${closed_by}` : ''}`
          : state === 'running'
            ? `the month is running${asOf ? `, as of ${asOf}` : ''}`
            : `not closed yet${asOf ? `, as of ${asOf}` : ''}`}
      </p>
    </div>
  );
}

function Summary({ statement }: { statement: Statement }) {
  const facts = [
    ['Change', comparisonWords(statement) ?? `no spend in the month before`],
    ['Budget', budgetWords(statement) ?? `none set for this ${centreLabels[statement.by].toLowerCase()}`],
    ['Calls', `${format.full(statement.calls)}, ${format.count(statement.tokens)} tokens`],
  ] as const;
  return (
    <div className="keep flex flex-wrap items-start gap-x-12 gap-y-4 py-6 print:pt-4 print:pb-2">
      <div>
        <p className="text-label text-muted">Amount</p>
        <p className="text-figure font-semibold whitespace-nowrap" title={exactUsd(statement.cost_usd)}>
          {format.usd(statement.cost_usd)}
        </p>
        <p className="text-label text-muted">US dollars</p>
      </div>
      <dl className="grid min-w-0 grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 max-md:basis-full md:flex-1 print:flex-1 print:basis-0">
        {facts.map(([name, text]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-6 print:mt-4">
      <h3 className="mb-1 text-lead">{title}</h3>
      {children}
    </section>
  );
}

function Lines({ statement }: { statement: Statement }) {
  const { lines, adjustments, cost_usd, calls, month } = statement;
  const own = lines.reduce((sum, line) => sum + line.calls, 0);
  const ownUsd = sumUsd(lines.map(line => line.cost_usd));
  return (
    <Section title="Account">
      <Table head={['', 'Calls', 'USD']}>
        {lines.map(line => (
          <Row key={line.line} cells={[lineLabels[line.line], format.full(line.calls)]} usd={line.cost_usd} />
        ))}
        {adjustments.length > 0 && (
          <Row look="subtotal" cells={[`Calls of ${monthWord(month)}`, format.full(own)]} usd={ownUsd} />
        )}
        {adjustments.map(one => (
          <Row
            key={`${one.origin_month} ${one.reason}`}
            cells={[
              <>
                Adjustment for {monthName(one.origin_month)}
                <span className="block text-label text-muted">{reasonWords(one)}</span>
              </>,
              format.full(one.calls),
            ]}
            usd={one.change_usd}
          />
        ))}
        <Row look="total" cells={[`Total ${monthName(month)}`, format.full(calls)]} usd={cost_usd} />
      </Table>
    </Section>
  );
}

/** What is not in the total, so that nobody takes it for nothing. */
function Unpriced({ statement: { unpriced } }: { statement: Statement }) {
  if (unpriced.calls === 0) return null;
  const most =
    unpriced.high_usd === null
      ? 'an amount nobody can bound yet'
      : `between ${format.usd(unpriced.low_usd)} and ${format.usd(unpriced.high_usd)}`;
  return (
    <p className="keep mt-3 border-l-4 border-warning bg-surface px-4 py-2">
      <strong>Not in this amount:</strong> {format.full(unpriced.calls)}{' '}
      {unpriced.calls === 1 ? 'call' : 'calls'} ({format.count(unpriced.tokens)} tokens) without a price or
      without token counts, worth {most}: {unpriced.models.map(one => one.model || 'unnamed').join(', ')}.
    </p>
  );
}

function Features({ statement: { features, lines } }: { statement: Statement }) {
  const total = sumUsd(lines.map(line => line.cost_usd));
  return (
    <Section title="By feature and model">
      <Table head={['', 'Calls', 'Input tokens', 'from cache', 'Output tokens', 'USD']}>
        {features.flatMap(feature => [
          <Row
            key={feature.feature}
            look="group"
            cells={[feature.feature || 'Without a feature', format.full(feature.calls), '', '', '']}
            usd={feature.cost_usd}
          />,
          ...feature.models.map(model => (
            <Row
              key={`${feature.feature}\n${model.model}\n${model.provider}`}
              look="detail"
              cells={[
                <>
                  {model.model || 'unnamed model'}
                  {model.provider && <span className="text-muted"> {model.provider}</span>}
                </>,
                format.full(model.calls),
                format.count(model.input_tokens),
                format.count(model.cached_tokens),
                format.count(model.output_tokens),
              ]}
              usd={model.unpriced_calls > 0 && nanosOf(model.cost_usd) === 0n ? null : model.cost_usd}
            />
          )),
        ])}
        <Row look="total" cells={['Calls of the month', '', '', '', '']} usd={total} />
      </Table>
    </Section>
  );
}

/** What the project committed and what became of it, whoever used it; then what was booked for amounts of closed months. */
function Commitments({ statement }: { statement: Statement }) {
  const { commitments, commitment_corrections: corrections, zone } = statement;
  if (commitments.length + corrections.length === 0) return null;
  return (
    <Section title="Committed by the whole project">
      <Table head={['', 'USD']}>
        {commitments.flatMap(({ overlay_id: id, name, basis, ran_out_at, ...one }) => {
          const ahead = basis === 'paid_ahead';
          return [
            <Row
              key={id}
              look="group"
              cells={[`${name}, ${ahead ? 'paid ahead' : 'committed'}`]}
              usd={one.amount_usd}
            />,
            <Row key={`${id} used`} look="detail" cells={['used']} usd={one.used_usd} />,
            <Row
              key={`${id} unused`}
              look="detail"
              cells={[one.is_over ? 'not used' : 'not used yet']}
              usd={one.unused_usd}
            />,
            nanosOf(one.beyond_usd) > 0n && (
              <Row
                key={`${id} beyond`}
                look="detail"
                cells={[
                  <>
                    {ahead ? 'used beyond it, billed' : 'used beyond it'}
                    {ran_out_at && (
                      <span className="text-muted">, ran out {dayTime(Date.parse(ran_out_at), zone)}</span>
                    )}
                  </>,
                ]}
                usd={one.beyond_usd}
              />
            ),
          ];
        })}
        {corrections.flatMap(({ overlay_id: id, name, month, basis, used_usd, beyond_usd }) => [
          <Row
            key={`${id} ${month}`}
            look="group"
            cells={[`${name}, booked for ${monthName(month)}`]}
            usd={sumUsd([used_usd, beyond_usd])}
          />,
          nanosOf(used_usd) !== 0n && (
            <Row key={`${id} ${month} used`} look="detail" cells={['more used of it']} usd={used_usd} />
          ),
          nanosOf(beyond_usd) !== 0n && (
            <Row
              key={`${id} ${month} beyond`}
              look="detail"
              cells={[basis === 'paid_ahead' ? 'used beyond it, billed' : 'used beyond it']}
              usd={beyond_usd}
            />
          ),
        ])}
      </Table>
    </Section>
  );
}

function Basis({ statement: { zone, generated_at, month, cost_usd } }: { statement: Statement }) {
  return (
    <p className="mt-6 text-label text-muted print:mt-4">
      Computed by Driftline from the tokens of each call and the prices in its price book on the day of the
      call; an estimate of what vendors charge, not an invoice. A call belongs to {monthWord(month)} by the
      clock of {zone}. Shown amounts are rounded one by one, totals are added up unrounded:{' '}
      <Money usd={cost_usd} exact /> in full. Made {dateWords(generated_at, zone)}.
    </p>
  );
}

function Signatures() {
  return (
    <div className="mt-12 grid grid-cols-1 gap-8 md:grid-cols-2 print:mt-2 print:grid-cols-2">
      {['Prepared by', 'Approved by'].map(role => (
        <div key={role}>
          <div className="h-8 border-b border-ink" />
          <p className="mt-1 flex justify-between text-label text-muted">
            <span>{role}</span>
            <span>Date, signature</span>
          </p>
        </div>
      ))}
    </div>
  );
}
