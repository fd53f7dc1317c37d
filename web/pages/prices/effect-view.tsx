import { useState } from 'react';
import type { PriceEffect } from '#contract/price.ts';
import { format, MISSING } from '../../format.ts';
import { exactUsd, minusUsd, nanosOf, signedUsd } from '../../money.ts';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';

const SHOWN = 8;

type Figures = PriceEffect['days_30'];

/** What the calls of the last days would have cost before and after, in all and by model. */
export function EffectView({ effect }: { effect: PriceEffect }) {
  const [all, setAll] = useState(false);
  if (effect.days_90.calls === 0)
    return <p className="text-muted">No call of the last 90 days is concerned.</p>;
  const later = changes(effect.as_if_90) || !changes(effect.days_90);
  const of = later ? (['as_if_30', 'as_if_90'] as const) : (['days_30', 'days_90'] as const);
  const shown = all ? effect.models : effect.models.slice(0, SHOWN);
  return (
    <div>
      <h3 className="font-semibold">
        {later
          ? `Calls so far, at the prices of ${effect.as_of}`
          : 'Calls so far, each at the prices of its day'}
      </h3>
      <table className="mt-1 w-full">
        <thead>
          <tr className="text-label text-muted">
            <th scope="col" className="h-7 text-left">
              Calls of
            </th>
            <th scope="col" className="h-7 pl-3 text-right">
              Before
            </th>
            <th scope="col" className="h-7 pl-3 text-right">
              After
            </th>
            <th scope="col" className="h-7 pl-3 text-right">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          <Row name="Last 30 days" figures={effect[of[0]]} strong />
          <Row name="Last 90 days" figures={effect[of[1]]} strong />
          {shown.map(model => (
            <Row
              key={`${model.provider}\n${model.model}`}
              name={model.model || '(no model)'}
              of={model.provider}
              figures={model[of[1]]}
            />
          ))}
        </tbody>
      </table>
      {shown.length < effect.models.length && (
        <Button look="quiet" onClick={() => setAll(true)}>
          Show all {format.full(effect.models.length)} models
        </Button>
      )}
      <p className="mt-1 text-label text-muted">
        Models over 90 days. {format.full(effect.days_90.calls)} calls priced anew from their tokens.
        {newlyPriced(effect[of[1]])}
      </p>
      {effect.one_in > 1 && (
        <p className="mt-1 flex items-center gap-2">
          <StatusIcon status="warning" />
          Estimated: so many calls that only those of one hour in {effect.one_in} were computed.
        </p>
      )}
      {later && changes(effect.days_90) && (
        <p className="mt-1">
          Of these, calls made since the change begins differ by{' '}
          <span className="font-semibold">
            {signedUsd(minusUsd(effect.days_90.after_usd, effect.days_90.before_usd))}
          </span>
          .{newlyPriced(effect.days_90)}
        </p>
      )}
      {!effect.complete && (
        <p className="mt-1 flex items-center gap-2 text-warning">
          <StatusIcon status="warning" />
          Too many calls to compute at once: only those since {effect.covers_from.slice(0, 10)} are counted.
        </p>
      )}
    </div>
  );
}

const changes = ({ before_usd, after_usd, unpriced_before, unpriced_after }: Figures) =>
  before_usd !== after_usd || unpriced_before !== unpriced_after;

function newlyPriced({ unpriced_before: before, unpriced_after: after }: Figures): string {
  if (before > after) return ` ${format.full(before - after)} of them had no price.`;
  return after > before ? ` ${format.full(after - before)} of them lose their price.` : '';
}

interface RowProps {
  name: string;
  of?: string;
  figures: Figures;
  strong?: boolean;
}

function Row({ name, of, figures, strong = false }: RowProps) {
  const { before_usd, after_usd } = figures;
  const change = minusUsd(after_usd, before_usd);
  const direction = nanosOf(change) > 0n ? 'more' : nanosOf(change) < 0n ? 'less' : 'no change';
  return (
    <tr className="border-t border-line">
      <th scope="row" className={`h-8 text-left break-words ${strong ? 'font-semibold' : 'font-normal'}`}>
        {name} {of && <span className="text-label text-muted">{of}</span>}
      </th>
      <td className="h-8 pl-3 text-right whitespace-nowrap">
        <Amount usd={before_usd} unpriced={figures.unpriced_before} calls={figures.calls} />
      </td>
      <td className="h-8 pl-3 text-right whitespace-nowrap">
        <Amount usd={after_usd} unpriced={figures.unpriced_after} calls={figures.calls} />
      </td>
      <td className="h-8 pl-3 text-right whitespace-nowrap" title={`${exactUsd(change)}, ${direction}`}>
        {signedUsd(change)}
      </td>
    </tr>
  );
}

/** Calls without a price are no zero: an amount of none of them is not known, of some of them it is a lower bound. */
function Amount({ usd, unpriced, calls }: { usd: string; unpriced: number; calls: number }) {
  if (calls > 0 && unpriced === calls) return <span title="None of these calls has a price">{MISSING}</span>;
  const without = unpriced > 0 ? `, and ${format.full(unpriced)} calls without a price` : '';
  return (
    <span title={exactUsd(usd) + without}>
      {unpriced > 0 && '≥ '}
      {format.usd(usd)}
    </span>
  );
}
