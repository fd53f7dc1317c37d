import { type FormEvent, useState } from 'react';
import type { Price, PriceStatement } from '#contract/price.ts';
import { dayTime, exact, viewerZone } from '../../clock.ts';
import { type Proposal, type Series, usePreviewProposal, usePriceHistory } from '../../data/prices.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Confirm } from './confirm.tsx';
import type { PriceDraft } from './edit-price.tsx';
import { Own } from './price-table.tsx';
import { holdsAt, limitWords, seriesName, statementText, termLines, validText } from './words.ts';

interface HistorySheetProps {
  /** Null: closed. */
  series: Series | null;
  onClose: () => void;
  onEdit: (draft: PriceDraft) => void;
}

/** One model: what holds, since when and until when, everything ever said about it, and what to do next. */
export function HistorySheet({ series, onClose, onEdit }: HistorySheetProps) {
  return (
    <Dialog title={series ? seriesName(series) : ''} open={series !== null} onClose={onClose} shape="side">
      {series && <History key={seriesName(series)} series={series} onClose={onClose} onEdit={onEdit} />}
    </Dialog>
  );
}

type Doing = 'end' | 'alias' | null;

function History({ series, onClose, onEdit }: HistorySheetProps & { series: Series }) {
  const { data, error, refetch } = usePriceHistory(series);
  const [doing, setDoing] = useState<Doing>(null);
  if (!data)
    return error ? (
      <Failure what="Could not load the history." error={error} onRetry={() => void refetch()} />
    ) : (
      <div aria-hidden className="m-4 h-64 rounded-card bg-surface" />
    );
  const now = data.prices.find(price => holdsAt(price, Date.now())) ?? data.prices.at(-1);
  const draft: PriceDraft = now ?? { ...series };
  const today = new Date().toISOString().slice(0, 10);
  return (
    <div className="flex flex-col gap-5 p-4">
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          onClick={() => {
            onClose();
            onEdit({ ...draft, valid_from: today, valid_to: null });
          }}
        >
          New price
        </Button>
        {now && (
          <Button
            onClick={() => {
              onClose();
              onEdit(now);
            }}
          >
            Correct
          </Button>
        )}
        {now && (
          <Button aria-expanded={doing === 'end'} onClick={() => setDoing(doing === 'end' ? null : 'end')}>
            End
          </Button>
        )}
        <Button
          aria-expanded={doing === 'alias'}
          onClick={() => setDoing(doing === 'alias' ? null : 'alias')}
        >
          Add a name
        </Button>
      </div>
      {doing && <Small key={doing} doing={doing} series={series} onDone={() => setDoing(null)} />}
      {now ? <Terms price={now} /> : <p>There is no price of this model.</p>}
      <Timeline prices={data.prices} />
      <Said statements={data.statements} />
    </div>
  );
}

function Terms({ price }: { price: Price }) {
  return (
    <section aria-label="Prices">
      <h3 className="flex items-baseline gap-2 font-semibold">
        {holdsAt(price, Date.now()) ? 'Now' : validText(price)} {price.own && <Own />}
      </h3>
      <dl className="mt-1">
        {termLines(price).map(({ label, unit, value }) => (
          <div key={label} className="flex justify-between gap-4 border-t border-line py-1">
            <dt className="text-muted">{label}</dt>
            <dd title={unit}>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-1 text-label text-muted">
        Per million tokens where nothing else is said. {price.source}
      </p>
      <p className="mt-1 text-label text-muted">{limitWords(price)}</p>
      {price.aliases.length > 0 && (
        <p className="mt-1 break-words">
          <span className="text-muted">Also called</span> {price.aliases.join(', ')}
        </p>
      )}
    </section>
  );
}

/** The stretches of time a price holds, the first one at the top. */
function Timeline({ prices }: { prices: readonly Price[] }) {
  if (prices.length < 2 && prices.every(({ valid_to }) => valid_to === null)) return null;
  return (
    <section aria-label="Over time">
      <h3 className="font-semibold">Over time</h3>
      <ol className="mt-2 border-l-2 border-line">
        {prices.map(price => {
          const holds = holdsAt(price, Date.now());
          return (
            <li key={`${price.price_id} ${price.valid_from}`} className="relative pb-3 pl-4 last:pb-0">
              <span
                aria-hidden
                className={`absolute top-1.5 -left-[5px] size-2 rounded-full ${holds ? 'bg-accent' : 'bg-control'}`}
              />
              <p className="text-label text-muted">
                {validText(price)}
                {holds && ', now'}
              </p>
              <p className="flex flex-wrap items-baseline gap-2">
                {statementText({ ...price, ended: false })} {price.own && <Own />}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Everything that was ever written down, the latest first. */
function Said({ statements }: { statements: readonly PriceStatement[] }) {
  return (
    <Disclosure summary={`Everything said about it (${statements.length})`}>
      <ol className="mt-2">
        {statements.map(statement => {
          const ms = Date.parse(statement.known_from);
          return (
            <li key={statement.price_id} className="border-t border-line py-2">
              <p>
                {statementText(statement)}
                {!statement.ended && `, ${validText(statement)}`}
              </p>
              <p className="text-label break-words text-muted">
                <span title={exact(ms, viewerZone())}>{dayTime(ms, viewerZone())}</span>
                {statement.noted_by && `, ${statement.noted_by}`}
                {statement.note && `: ${statement.note}`}. {statement.source}{' '}
                <code className="font-mono">{statement.price_id}</code>
              </p>
            </li>
          );
        })}
      </ol>
    </Disclosure>
  );
}

interface SmallProps {
  doing: 'end' | 'alias';
  series: Series;
  onDone: () => void;
}

/** The changes that need one field. */
function Small({ doing, series, onDone }: SmallProps) {
  const preview = usePreviewProposal();
  const [text, setText] = useState(doing === 'end' ? new Date().toISOString().slice(0, 10) : '');
  const proposal: Proposal = {
    changes: [
      doing === 'end'
        ? { action: 'end', ...series, at: text }
        : { action: 'alias', provider: series.provider, model: series.model, alias: text },
    ],
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate(proposal);
  };
  return (
    <div className="rounded-card border border-line p-3">
      {preview.data ? (
        <Confirm proposal={proposal} preview={preview.data} onBack={preview.reset} onClose={onDone} />
      ) : (
        <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
          <TextField
            label={doing === 'end' ? 'No price from this day on (UTC)' : 'Another name that senders use'}
            type={doing === 'end' ? 'date' : 'text'}
            required
            className="flex-[1_1_200px]"
            value={text}
            onChange={event => setText(event.target.value)}
          />
          <Button type="submit" disabled={preview.isPending || text.trim() === ''}>
            {preview.isPending ? 'Computing' : 'Show the effect'}
          </Button>
          {preview.error && <Failure what="It could not be compared." error={preview.error} />}
        </form>
      )}
    </div>
  );
}
