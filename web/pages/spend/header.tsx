import { ChevronLeft, ChevronRight, Lock } from 'lucide-react';
import { useState } from 'react';
import type { Month } from '#contract/spend.ts';
import { dayTime, exact, timeNear, viewerZone } from '../../clock.ts';
import type { Spend } from '../../data/spend.ts';
import { addMonths, monthAt, monthName, monthWord } from '../../month.ts';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { CloseMonth } from './close-month.tsx';
import { ExportMenu } from './export-menu.tsx';
import type { SpendView } from './use-spend-view.ts';

interface HeaderProps {
  view: SpendView;
  /** Of the ledger, when it knows the month. */
  months: readonly Month[];
  spend: Spend | undefined;
  onMonth: (month: string | undefined) => void;
  onZone: (zone: string | undefined) => void;
}

/** Which month, whether its number still moves, and whose midnights it is counted by. */
export function Header({ view, months, spend, onMonth, onZone }: HeaderProps) {
  useDocumentTitle(`Spend in ${monthName(view.month)}`);
  const [closing, setClosing] = useState(false);
  const month = months.find(one => one.month === view.month);
  const present = monthAt(Date.now(), view.reportingZone);
  const go = (to: string) => onMonth(to === present ? undefined : to);
  const known = [...new Set([present, view.month, ...months.map(one => one.month)])].sort().reverse();
  return (
    <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-1">
          <h1 className="mr-2 text-h1">
            Spend<span className="sr-only"> in {monthName(view.month)}</span>
          </h1>
          <Select
            label="Month"
            value={view.month}
            options={known.map(value => ({ value, label: monthName(value) }))}
            onChange={go}
          />
          <Button
            look="quiet"
            square
            aria-label="Month before"
            title="Month before"
            onClick={() => go(addMonths(view.month, -1))}
          >
            <ChevronLeft size={16} aria-hidden />
          </Button>
          <Button
            look="quiet"
            square
            aria-label="Month after"
            title="Month after"
            disabled={view.month >= present}
            onClick={() => go(addMonths(view.month, 1))}
          >
            <ChevronRight size={16} aria-hidden />
          </Button>
          <Stamp view={view} month={month} />
        </div>
        <Facts view={view} spend={spend} onZone={onZone} />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {month?.state === 'ended' && (
          <Button onClick={() => setClosing(true)}>Close {monthWord(view.month)}</Button>
        )}
        <ExportMenu view={view} month={month} />
      </div>
      {month && <CloseMonth month={month} open={closing} onClose={() => setClosing(false)} />}
    </div>
  );
}

/** Closed for good, or provisional. */
function Stamp({ view, month }: { view: SpendView; month: Month | undefined }) {
  if (month?.state === 'closed') {
    const closedMs = month.closed_at ? Date.parse(month.closed_at) : null;
    return (
      <span
        className="ml-1 inline-flex items-center gap-1 rounded-control border border-good px-2 py-0.5 text-label font-semibold text-good"
        title={closedMs === null ? undefined : exact(closedMs, view.reportingZone)}
      >
        <Lock size={14} aria-hidden />
        Closed{closedMs !== null && ` ${dayTime(closedMs, view.reportingZone)}`}
        {month.closed_by && ` by ${month.closed_by}`}
      </span>
    );
  }
  return (
    <span
      className="ml-1 rounded-control border border-control px-2 py-0.5 text-label text-muted"
      title={
        view.running
          ? 'The month is running; it can be closed when it is over'
          : 'The month is over but not closed: late calls and new prices still change it'
      }
    >
      {month?.state === 'closing' ? 'Closing' : 'Provisional'}
    </span>
  );
}

function Facts({ view, spend, onZone }: Pick<HeaderProps, 'view' | 'spend' | 'onZone'>) {
  const own = viewerZone();
  const asOf = spend?.meta.as_of ? Date.parse(spend.meta.as_of) : null;
  const zones = [...new Set([view.reportingZone, view.zone, own, 'UTC'])];
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      <span title="Decides what belongs to the month, and its total">
        Month and total in {view.reportingZone}
      </span>
      <span className="flex items-center gap-1">
        days in
        <Select
          label="Time zone of the days"
          value={view.zone}
          options={zones.map(value => ({ value, label: value }))}
          onChange={zone => onZone(zone === view.reportingZone ? undefined : zone)}
        />
      </span>
      {asOf !== null && (
        <span title={exact(asOf, view.reportingZone)}>as of {timeNear(asOf, Date.now(), own)}</span>
      )}
    </p>
  );
}
