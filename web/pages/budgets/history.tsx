import type { BudgetWithState } from '#contract/budget.ts';
import { day } from '../../clock.ts';
import { useBudget } from '../../data/budgets.ts';
import { format, MISSING } from '../../format.ts';
import { exactUsd } from '../../money.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { calibrationWords } from './words.ts';

/** Earlier periods of a budget, and what its forecasts said: how far they can be trusted. */
export function History({ budget, zone }: { budget: BudgetWithState; zone: string }) {
  const query = useBudget(budget.id);
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="text-muted">{calibrationWords(budget.state)}.</p>
      <Panel
        title="Earlier periods"
        what="the earlier periods"
        query={query}
        height={120}
        empty={({ past }) => (past.length === 0 ? <Note title="No period is over yet." /> : null)}
      >
        {({ past }) => (
          <Figures
            label="Earlier periods"
            heads={['Period', 'Spent', 'Used', 'Forecast halfway', '']}
            rows={past.map(({ from, to, spent_usd, used, forecast }) => ({
              key: from,
              cells: [
                `${day(Date.parse(from), zone)} – ${day(Date.parse(to) - 1, zone)}`,
                <span key="usd" title={exactUsd(spent_usd)}>
                  {format.usd(spent_usd)}
                </span>,
                format.percent(used),
                forecast ? `${format.usd(forecast.p10_usd)} – ${format.usd(forecast.p90_usd)}` : MISSING,
                forecast ? (forecast.inside ? 'held' : 'missed') : '',
              ],
            }))}
          />
        )}
      </Panel>
      <Panel
        title="Forecasts of this period"
        what="the forecasts"
        query={query}
        height={120}
        empty={({ forecasts }) =>
          forecasts.length === 0 ? <Note title="None was made yet; they are made each morning." /> : null
        }
      >
        {({ forecasts }) => (
          <Figures
            label="Forecasts of this period"
            heads={['Made', 'Spent then', 'Low', 'Middle', 'High']}
            rows={forecasts.map(({ made_at, spent_usd, p10_usd, p50_usd, p90_usd }) => ({
              key: made_at,
              cells: [
                day(Date.parse(made_at), zone),
                ...[spent_usd, p10_usd, p50_usd, p90_usd].map(usd => format.usd(usd)),
              ],
            }))}
          />
        )}
      </Panel>
    </div>
  );
}

interface FiguresProps {
  label: string;
  heads: string[];
  rows: { key: string; cells: React.ReactNode[] }[];
}

function Figures({ label, heads, rows }: FiguresProps) {
  return (
    <ScrollBox label={`Table: ${label}`} className="max-h-96 pb-2">
      <table className="w-full">
        <thead className="text-label text-muted">
          <tr>
            {heads.map((head, at) => (
              <th key={head} scope="col" className={`h-7 px-3 ${at === 0 ? 'text-left' : 'text-right'}`}>
                {head || <span className="sr-only">Whether it held</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...others] }) => (
            <tr key={key} className="border-t border-line">
              <th scope="row" className="h-8 px-3 text-left font-normal whitespace-nowrap">
                {first}
              </th>
              {others.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                <td key={at} className="h-8 px-3 text-right whitespace-nowrap">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
