import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Printer } from 'lucide-react';
import { useDownload } from '../../data/download.ts';
import { exportAddress, useMonths } from '../../data/spend.ts';
import { useCentres, useStatement } from '../../data/statement.ts';
import { addMonths, monthAt, monthName } from '../../month.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { SpendLinks } from '../spend/spend-links.tsx';
import './print.css';
import { Deliveries } from './deliveries.tsx';
import { Paper } from './paper.tsx';
import { centreLabels, centreOf, centres, type StatementSearch } from './search.ts';
import { fillingWords } from './words.ts';

/** A month of one cost centre, to be printed and signed. */
export function StatementPage() {
  const search = useSearch({ from: '/statement' });
  const months = useMonths();
  const present = monthAt(Date.now(), months.data?.zone ?? 'UTC');
  const month = search.month ?? addMonths(present, -1);
  const chosen = centreOf(search);
  const known = useCentres({ month, by: chosen.by });
  const value = chosen.value ?? known.data?.centres[0]?.value;
  const query = useStatement({ month, by: chosen.by, value: value ?? '' }, value !== undefined);
  useDocumentTitle(`Statement ${month}${value ? ` ${value}` : ''}`);
  return (
    <>
      <h1 className="sr-only">Monthly statement</h1>
      <SpendLinks to={['/spend', '/spend/reconcile']} className="mx-auto max-w-[794px] print:hidden" />
      <Choices month={month} present={present} chosen={{ ...chosen, value }} />
      {query.data ? (
        <>
          <Paper statement={query.data} />
          <Deliveries by={chosen.by} value={query.data.value} />
        </>
      ) : (query.error ?? known.error) ? (
        <Failure
          what="Could not load the statement."
          error={query.error ?? known.error}
          onRetry={() => void (query.error ? query.refetch() : known.refetch())}
        />
      ) : known.data?.centres.length === 0 && value === undefined ? (
        known.data.backfill !== null ? (
          <Note title={`No spend in ${monthName(month)} so far.`}>{fillingWords(known.data.backfill)}</Note>
        ) : (
          <Note title={`No spend in ${monthName(month)}.`}>
            A statement is made for each {centreLabels[chosen.by].toLowerCase()} with calls in the month.
          </Note>
        )
      ) : (
        <div role="status" className="mx-auto h-[600px] max-w-[794px] rounded-card bg-surface">
          <span className="sr-only">Loading</span>
        </div>
      )}
    </>
  );
}

interface ChoicesProps {
  month: string;
  present: string;
  chosen: ReturnType<typeof centreOf>;
}

/** Which statement; none of it is printed. */
function Choices({ month, present, chosen: { by, value } }: ChoicesProps) {
  const navigate = useNavigate({ from: '/statement' });
  const go = (search: StatementSearch) => void navigate({ search: () => search });
  const known = useCentres({ month, by });
  const download = useDownload();
  const own = useMonths().data?.months.map(one => one.month) ?? [];
  const months = [...new Set([month, present, addMonths(present, -1), ...own])].sort().reverse();
  const names = [
    ...new Set([
      ...(value === undefined ? [] : [value]),
      ...(known.data?.centres ?? []).map(one => one.value),
    ]),
  ];
  const options = names.map(name => ({ value: name, label: name || `No ${centreLabels[by].toLowerCase()}` }));
  return (
    <div className="mx-auto mb-4 flex max-w-[794px] flex-wrap items-center justify-between gap-2 print:hidden">
      <div className="flex min-w-0 flex-wrap items-center gap-2">
        <Select
          label="Month"
          value={month}
          options={months.map(one => ({ value: one, label: monthName(one) }))}
          onChange={next => go({ month: next, [by]: value })}
        />
        <Segmented
          label="Statement per"
          value={by}
          options={centres.map(one => ({ value: one, label: centreLabels[one] }))}
          onChange={next => go({ month, by: next })}
        />
        {options.length > 0 && (
          <Select
            label={centreLabels[by]}
            value={value ?? ''}
            options={options}
            onChange={next => go({ month, [by]: next })}
          />
        )}
      </div>
      <div className="flex gap-2">
        <Button
          disabled={value === undefined || download.isPending}
          onClick={() =>
            download.mutate({
              address: exportAddress({
                month,
                group_by: 'feature,model,line',
                where: `${by}:${(value ?? '').replaceAll(/[\\,]/g, '\\$&')}`,
              }),
              name: `statement-${month}.csv`,
            })
          }
        >
          <Download size={16} aria-hidden />
          CSV
        </Button>
        <Button look="primary" disabled={value === undefined} onClick={() => window.print()}>
          <Printer size={16} aria-hidden />
          Print
        </Button>
      </div>
    </div>
  );
}
