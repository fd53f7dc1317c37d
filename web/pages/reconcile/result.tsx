import { Download } from 'lucide-react';
import { useDownload } from '../../data/download.ts';
import { csvAddress, type Reconciliation } from '../../data/reconcile.ts';
import { format } from '../../format.ts';
import { exactUsd, signedUsd } from '../../money.ts';
import { Note } from '../../states/note.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { ComparisonTable } from './comparison-table.tsx';
import { ReasonList } from './reason-list.tsx';
import type { Part } from './search.ts';
import { formatLabels, kindLabel, shareText, span, summary } from './words.ts';

interface ResultProps {
  found: Reconciliation;
  by: Part;
  onBy: (by: Part) => void;
}

const PARTS: readonly { value: Part; label: string }[] = [
  { value: 'reasons', label: 'Reasons' },
  { value: 'days', label: 'Days' },
  { value: 'models', label: 'Models' },
  { value: 'kinds', label: 'Kinds' },
  { value: 'lines', label: 'Lines' },
];
const LINES_SHOWN = 500;

/** One comparison: how much of it is explained, by what, and where. */
export function Result({ found, by, onBy }: ResultProps) {
  const download = useDownload();
  const share = found.explained_share;
  const status = share === null ? 'neutral' : share >= 0.99 ? 'good' : share >= 0.95 ? 'warning' : 'critical';
  const files = found.files.map(file => `${file.name} (${formatLabels[file.format]})`).join(', ');
  return (
    <section aria-label="Comparison" className="mb-6">
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="flex items-center gap-2 text-h1">
            <StatusIcon status={status} size={20} />
            {share === null ? 'They billed nothing' : `Explained ${shareText(share)}`}
          </h2>
          <p className="text-lead">{summary(found)}</p>
          <p className="text-muted">
            {span(found)}, {files}
            {found.currency !== 'USD' && `, 1 ${found.currency} taken for ${format.usd(found.usd_per_unit)}`}
          </p>
        </div>
        <Button
          onClick={() =>
            download.mutate({
              address: csvAddress(found.reconciliation_id),
              name: `reconciliation-${found.from_day}-${found.to_day}.csv`,
            })
          }
        >
          <Download size={16} aria-hidden />
          CSV
        </Button>
      </div>
      <dl className="mb-4 grid grid-cols-2 gap-2 md:gap-3 lg:grid-cols-4">
        {[
          {
            label: found.valued === 'billed' ? 'They bill' : 'Theirs at our prices',
            usd: found.theirs_usd,
            signed: false,
          },
          { label: 'We hold', usd: found.ours_usd, signed: false },
          { label: 'Explained', usd: found.explained_usd, signed: true },
          { label: 'Unexplained', usd: found.unexplained_usd, signed: true },
        ].map(({ label, usd, signed }) => (
          <div key={label} className="min-h-[72px] min-w-0 rounded-card border border-line px-3 py-[11px]">
            <dt className="text-label font-semibold">{label}</dt>
            <dd className="truncate text-figure font-semibold max-sm:text-h1" title={exactUsd(usd)}>
              {signed ? signedUsd(usd) : format.usd(usd)}
            </dd>
          </div>
        ))}
      </dl>
      <Remarks found={found} />
      <div className="rounded-card border border-line">
        <div className="px-4 py-3 max-md:overflow-x-auto">
          <Segmented label="Show" value={by} options={PARTS} onChange={onBy} />
        </div>
        {by === 'reasons' ? (
          <ReasonList found={found} />
        ) : by === 'lines' ? (
          <>
            <ComparisonTable
              label="Lines"
              rows={found.cells.slice(0, LINES_SHOWN).map(cell => ({
                ...cell,
                key: `${cell.day} ${cell.model} ${cell.kind}`,
                name: `${cell.day}  ${cell.model || '(no model)'}  ${kindLabel(cell.kind).toLowerCase()}`,
              }))}
            />
            {found.cells.length > LINES_SHOWN && (
              <p className="px-4 py-2 text-muted">
                First {format.full(LINES_SHOWN)} of {format.full(found.cells.length)}; the CSV has all of
                them.
              </p>
            )}
          </>
        ) : (
          <ComparisonTable
            label={PARTS.find(part => part.value === by)?.label ?? ''}
            rows={found[by].map(row => ({
              ...row,
              name:
                by === 'kinds'
                  ? kindLabel(row.key as Parameters<typeof kindLabel>[0])
                  : row.key || '(no model)',
            }))}
          />
        )}
      </div>
    </section>
  );
}

/** What to keep in mind, and lines that could not be read. */
function Remarks({ found }: { found: Reconciliation }) {
  const refused = found.files.reduce((sum, file) => sum + file.refused, 0);
  if (refused === 0 && found.notes.length === 0) return null;
  return (
    <div className="mb-4">
      {found.notes.map(note => (
        <p key={note} className="text-muted">
          {note}
        </p>
      ))}
      {refused > 0 && (
        <Disclosure
          summary={
            <span className="flex items-center gap-1 text-warning">
              <StatusIcon status="warning" />
              {format.full(refused)} {refused === 1 ? 'line' : 'lines'} could not be read
            </span>
          }
        >
          <ul className="py-1 pl-5">
            {found.refused_lines.map(({ file, line, why }) => (
              <li key={`${file} ${line}`}>
                {found.files.length > 1 && `${file}, `}line {line}: {why}
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
      {found.cells.length === 0 && <Note title="Nothing in the file can be compared." />}
    </div>
  );
}
