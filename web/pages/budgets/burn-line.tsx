import { useRef, useState } from 'react';
import type { BudgetWithState } from '#contract/budget.ts';
import { TableToggle } from '../../charts/table-toggle.tsx';
import { useWidth } from '../../charts/use-size.ts';
import { format, MISSING } from '../../format.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { burnDrawing, pathOf } from './burn-geometry.ts';
import { dateWord } from './words.ts';

const HEIGHT = 96;

/** Spend of the period against its amount, and the range it is expected to end in; the same as a table. */
export function BurnLine({ budget, zone }: { budget: BudgetWithState; zone: string }) {
  const [asTable, setAsTable] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { state, amount_usd, name } = budget;
  const drawing = burnDrawing(state, amount_usd, zone, Math.max(width, 1), HEIGHT);
  if (!drawing) return null;
  const end = state.fan.at(-1);
  const label = `${name}: ${format.usd(state.spent_usd)} of ${format.usd(amount_usd)} spent${end ? `, expected to end between ${format.usd(end.p10_usd)} and ${format.usd(end.p90_usd)}` : ''}`;
  return (
    <div className="flex items-start gap-1">
      <div ref={box} className="min-w-0 flex-1">
        {asTable ? (
          <BurnTable budget={budget} label={label} />
        ) : (
          <svg width="100%" height={HEIGHT} role="img" aria-label={label} className="block overflow-visible">
            <line x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} className="stroke-line" />
            <line x1={0} x2={width} y1={drawing.limitY} y2={drawing.limitY} className="stroke-critical" />
            <path d={pathOf(drawing.pace)} className="fill-transparent stroke-muted" strokeDasharray="4 4" />
            <path d={pathOf(drawing.fan, true)} className="fill-accent" opacity={0.2} />
            <path
              d={pathOf(drawing.middle)}
              className="fill-transparent stroke-accent"
              strokeDasharray="2 3"
            />
            <path d={pathOf(drawing.spent)} className="fill-transparent stroke-accent" strokeWidth={2} />
          </svg>
        )}
        {!asTable && (
          <p className="mt-1 flex justify-between text-label text-muted" aria-hidden>
            <span>{dateWord(dayOf(state.burn[0]?.date ?? state.fan[0]?.date, state.from))}</span>
            <Legend />
            <span>{end ? dateWord(end.date) : ''}</span>
          </p>
        )}
      </div>
      <TableToggle title={name} asTable={asTable} onChange={setAsTable} />
    </div>
  );
}

function Legend() {
  return (
    <span className="flex gap-4 max-md:hidden">
      <span className="flex items-center gap-1.5">
        <span className="w-4 border-t-2 border-accent" /> spent
      </span>
      <span className="flex items-center gap-1.5">
        <span className="w-4 border-t-2 border-dashed border-muted" /> even pace
      </span>
      <span className="flex items-center gap-1.5">
        <span className="size-2.5 rounded-[2px] bg-accent opacity-30" /> forecast
      </span>
      <span className="flex items-center gap-1.5">
        <span className="w-4 border-t-2 border-critical" /> amount
      </span>
    </span>
  );
}

const dayOf = (date: string | undefined, instant: string) => date ?? instant.slice(0, 10);

/** Spend by day of the period, then what is expected. */
function BurnTable({ budget: { state }, label }: { budget: BudgetWithState; label: string }) {
  const spent = new Map(state.burn.map(({ date, usd }) => [date, usd]));
  const fan = new Map(state.fan.map(one => [one.date, one]));
  const dates = [...new Set([...spent.keys(), ...fan.keys()])].sort();
  return (
    <ScrollBox label={label} style={{ maxHeight: 240 }}>
      <table className="w-full text-body">
        <caption className="sr-only">{label}</caption>
        <thead className="sticky top-0 bg-bg text-label text-muted">
          <tr>
            {['Until the end of', 'Spent', 'Forecast, low', 'Middle', 'High'].map((head, at) => (
              <th key={head} scope="col" className={`h-8 ${at === 0 ? 'text-left' : 'pl-3 text-right'}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {dates.map(date => {
            const quantiles = fan.get(date);
            const figures = [spent.get(date), quantiles?.p10_usd, quantiles?.p50_usd, quantiles?.p90_usd];
            return (
              <tr key={date} className="border-t border-line">
                <th scope="row" className="h-8 text-left font-normal whitespace-nowrap">
                  {dateWord(date)}
                </th>
                {figures.map((usd, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                  <td key={at} className="h-8 pl-3 text-right whitespace-nowrap">
                    {usd === undefined ? MISSING : format.usd(usd)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}
