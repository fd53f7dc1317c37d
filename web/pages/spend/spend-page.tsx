import { Link } from '@tanstack/react-router';
import type { SpendKind } from '#contract/spend-words.ts';
import { bucketLabel } from '../../charts/chart-series.ts';
import { toWall } from '../../clock.ts';
import { useBudgets } from '../../data/budgets.ts';
import { useOnboarding } from '../../data/onboarding.ts';
import { useMonthForecast, useSpend } from '../../data/spend.ts';
import { format } from '../../format.ts';
import { monthName, monthWord } from '../../month.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { useArrived } from '../../states/use-arrived.ts';
import { Button, controlClasses } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { fillingWords } from '../statement/words.ts';
import { Behind } from './behind.tsx';
import { budgetOf } from './budget-of.ts';
import { CallsSheet } from './calls-sheet.tsx';
import { ChangeSheet } from './change-sheet.tsx';
import { partOf, SpendChart } from './chart.tsx';
import { Conditions, Controls } from './controls.tsx';
import { spendRequests } from './first-questions.ts';
import { Header } from './header.tsx';
import { Movers } from './movers.tsx';
import { tableRows } from './rows.ts';
import { groupLabels } from './search.ts';
import { SpendLinks } from './spend-links.tsx';
import { SpendTable } from './spend-table.tsx';
import { Tiles } from './tiles.tsx';
import { useSpendView } from './use-spend-view.ts';
import { isDimension, narrowed, writeWhere } from './where.ts';
import { valueLabel } from './words.ts';

/** What do we spend, on what, and will we exceed it? */
export function SpendPage() {
  const { view, search, months, change } = useSpendView();
  const { by, where, conditions } = view;
  const asked = spendRequests(view);
  const total = useSpend(asked.total);
  const totalBefore = useSpend(asked.totalBefore);
  const table = useSpend(asked.table);
  const tableBefore = useSpend(asked.tableBefore);
  const kinds = useSpend(asked.kinds, by !== 'kind' && by !== 'user');
  const budgets = useBudgets();
  const budget = budgetOf(budgets.data?.budgets, conditions);
  const forecast = useMonthForecast(where, view.running);
  const never = useOnboarding().data?.first_span === null;
  const open = (sheet: 'change' | 'calls', v?: string) => change({ sheet, v, at: undefined });
  // The whole and its rows come from one answer, so that the page adds up while data arrives.
  const whole = by === 'user' ? total : table;
  const answer = { ...whole, data: useArrived(whole.data) };
  return (
    <>
      <Header
        view={view}
        months={months.data?.months ?? []}
        spend={answer.data}
        onMonth={month => change({ month, sheet: undefined, v: undefined, at: undefined })}
        onZone={tz => change({ tz })}
      />
      <SpendLinks to={elsewhere} />
      <Conditions view={view} onChange={w => change({ w })} />
      {never ? (
        <Note title="No data has arrived yet.">
          <Link to="/get-started" className={controlClasses('primary')}>
            Send the first span
          </Link>
        </Note>
      ) : !answer.data ? (
        answer.error ? (
          <Failure
            what="Could not load the spend."
            error={answer.error}
            onRetry={() => void answer.refetch()}
          />
        ) : (
          <TileBoxes />
        )
      ) : answer.data.totals.calls === 0 && answer.data.rows.length === 0 ? (
        <Nothing
          month={view.month}
          filtered={conditions.length > 0}
          last={months.data?.months
            .filter(one => one.calls > 0)
            .map(one => one.month)
            .sort()
            .at(-1)}
          asOf={answer.data.meta.as_of}
          backfill={answer.data.meta.backfill}
          onMonth={month => change({ month })}
          onClear={() => change({ w: undefined })}
        />
      ) : (
        <>
          {answer.data.meta.backfill !== null && <Filling done={answer.data.meta.backfill} />}
          <Tiles
            view={view}
            now={answer.data}
            before={totalBefore.data}
            budget={budgets.data ? budget : undefined}
            forecast={forecast}
            onExplain={open}
          />
          <Controls
            view={view}
            onGroup={next =>
              change({ by: next === 'feature' ? undefined : next, sheet: undefined, v: undefined })
            }
            onStep={step => change({ step: step === 'day' ? undefined : step })}
          />
          <div className="mb-4">
            <SpendChart
              view={view}
              keys={(table.data?.rows ?? []).map(row => String(row[by] ?? ''))}
              budget={budget}
              forecast={forecast.data}
              onPick={(fromMs, toMs) =>
                change({
                  sheet: 'calls',
                  v: undefined,
                  at: partOf(Math.max(fromMs, view.fromMs), Math.min(toMs, view.toMs)),
                })
              }
            />
          </div>
          <Movers view={view} onOpen={key => open('change', key)} />
          <Panel title={`${groupLabels[by]} by cost`} what="the table" query={table} height={160}>
            {now => (
              <SpendTable
                view={view}
                now={now}
                rows={tableRows(now, tableBefore.data, kinds.data, by)}
                budgets={budgets.data?.budgets}
                onOpen={open}
              />
            )}
          </Panel>
          <Behind view={view} query={total} />
        </>
      )}
      <Sheets view={view} search={search} change={change} />
    </>
  );
}

/** Pages that belong to spend. */
const elsewhere = ['/budgets', '/spend/outcomes', '/spend/reconcile', '/statement', '/prices'] as const;

/** Until then every number is too small. */
function Filling({ done }: { done: number }) {
  return (
    <p role="status" className="mb-3 flex items-start gap-2">
      <StatusIcon status="warning" />
      Older data is still being added up ({format.percent(done)} done): the numbers below are not complete
      yet.
    </p>
  );
}

function TileBoxes() {
  return (
    <div role="status" className="mb-4 grid grid-cols-2 gap-2 md:gap-3 lg:grid-cols-4">
      <span className="sr-only">Loading</span>
      {['month', 'forecast', 'budget', 'unit'].map(name => (
        <div key={name} className="h-[104px] rounded-card bg-surface" />
      ))}
    </div>
  );
}

interface NothingProps {
  month: string;
  filtered: boolean;
  /** Newest month with calls. */
  last: string | undefined;
  asOf: string | null;
  /** Share of older data that is added up; null when all is. */
  backfill: number | null;
  onMonth: (month: string) => void;
  onClear: () => void;
}

function Nothing({ month, filtered, last, asOf, backfill, onMonth, onClear }: NothingProps) {
  if (asOf === null)
    return <Note title="The ledger is being added up for the first time.">This takes about a minute.</Note>;
  if (backfill !== null)
    return <Note title={`No spend in ${monthName(month)} so far.`}>{fillingWords(backfill)}</Note>;
  if (filtered)
    return (
      <Note title={`No spend in ${monthName(month)} for these filters.`}>
        <Button onClick={onClear}>Clear filters</Button>
      </Note>
    );
  return (
    <Note title={`No spend in ${monthName(month)}.`}>
      {last && last !== month && <Button onClick={() => onMonth(last)}>Show {monthName(last)}</Button>}
    </Note>
  );
}

type SheetsProps = Pick<ReturnType<typeof useSpendView>, 'view' | 'search' | 'change'>;

/** What opens beside the page: what a change was made of, and how a number was computed. */
function Sheets({ view, search, change }: SheetsProps) {
  const { sheet, v, at } = search;
  const { by } = view;
  const close = () => change({ sheet: undefined, v: undefined, at: undefined });
  const [fromText, toText] = at?.split('/') ?? [];
  const range = fromText && toText ? { from: fromText, to: toText } : view.range;
  const where =
    v !== undefined && isDimension(by) ? writeWhere(narrowed(view.conditions, by, [v])) : view.where;
  const kind = by === 'kind' && v !== undefined ? (v as SpendKind) : null;
  const name = v === undefined ? '' : `${valueLabel(by, v)}, `;
  const day =
    fromText && toText
      ? bucketLabel(toWall(Date.parse(fromText), view.zone), Date.parse(toText) - Date.parse(fromText))
      : monthName(view.month);
  const filterable = v !== undefined && isDimension(by);
  const actions = filterable && (
    <div className="flex flex-wrap gap-2 px-4 pt-3">
      <Button onClick={() => change({ w: where, sheet: undefined, v: undefined, at: undefined })}>
        Only {valueLabel(by, v)}
      </Button>
      {sheet === 'calls' ? (
        <Button onClick={() => change({ sheet: 'change' })}>What changed?</Button>
      ) : (
        <Button onClick={() => change({ sheet: 'calls' })}>How was it computed?</Button>
      )}
    </div>
  );
  return (
    <>
      <Dialog
        shape="side"
        title={
          v === undefined ? `What changed in ${monthWord(view.month)}` : `What changed: ${valueLabel(by, v)}`
        }
        open={sheet === 'change'}
        onClose={close}
      >
        {actions}
        <ChangeSheet view={view} where={where} />
      </Dialog>
      <Dialog
        shape="side"
        title={`How was this computed? ${name}${day}`}
        open={sheet === 'calls'}
        onClose={close}
      >
        {actions}
        <CallsSheet range={range} where={where} kind={kind} zone={view.reportingZone} />
      </Dialog>
    </>
  );
}
