import { Download } from 'lucide-react';
import { useState } from 'react';
import type { ExportFormat, ExportInterval } from '#contract/export.ts';
import type { Month } from '#contract/spend.ts';
import { useDownload } from '../../data/download.ts';
import { exportAddress } from '../../data/spend.ts';
import { format } from '../../format.ts';
import { useAction } from '../../frame/use-action.ts';
import { monthName } from '../../month.ts';
import { Failure } from '../../states/failure.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Select } from '../../ui/select.tsx';
import type { SpendView } from './use-spend-view.ts';
import { isDimension } from './where.ts';

const FORMATS: { value: ExportFormat; label: string; about: string }[] = [
  { value: 'csv', label: 'CSV', about: 'for a spreadsheet' },
  { value: 'parquet', label: 'Parquet', about: 'for a warehouse' },
  { value: 'focus', label: 'FOCUS 1.2', about: 'for a cost platform, as CSV' },
];
const INTERVALS: { value: ExportInterval; label: string }[] = [
  { value: 'day', label: 'One row per day' },
  { value: 'hour', label: 'One row per hour' },
  { value: 'month', label: 'One row for the month' },
];
const ITEM =
  'flex min-h-9 w-full items-center justify-between gap-6 rounded-control px-3 text-left hover:bg-surface disabled:opacity-50 pointer-coarse:min-h-11';

/** The month as a file whose sum is the page's total; for a closed month its files, the same bytes for ever. */
export function ExportMenu({ view, month }: { view: SpendView; month: Month | undefined }) {
  const [open, setOpen] = useState(false);
  const [interval, setInterval] = useState<ExportInterval>('day');
  const download = useDownload();
  useAction('export', () => setOpen(true));
  const files = view.where === '' ? (month?.files ?? []) : [];
  const get = (shape: ExportFormat) => {
    const group = [...new Set(['feature', 'model', ...(isDimension(view.by) ? [view.by] : [])])].join(',');
    const address = exportAddress({
      month: view.month,
      format: shape,
      // The specification knows hours and days.
      interval: shape === 'focus' && interval === 'month' ? 'day' : interval,
      group_by: group,
      where: view.where,
      tz: view.reportingZone,
    });
    download.mutate({
      address,
      name: `spend-${view.month}.${shape === 'parquet' ? 'parquet' : shape === 'focus' ? 'focus.csv' : 'csv'}`,
    });
  };
  return (
    <Popover
      label="Export"
      align="end"
      title="Export (e)"
      open={open}
      onOpenChange={setOpen}
      content={() => (
        <div className="w-72">
          <p className="px-3 pt-1 pb-2 text-label text-muted">
            {monthName(view.month)}, {view.reportingZone}
            {view.where && ', as filtered'}. Its sum is the total of this page.
          </p>
          <div className="px-3 pb-1">
            <Select label="Rows" value={interval} options={INTERVALS} onChange={setInterval} />
          </div>
          {FORMATS.map(({ value, label, about }) => (
            <button
              key={value}
              type="button"
              className={ITEM}
              disabled={download.isPending}
              onClick={() => get(value)}
            >
              {label}
              <span className="text-label text-muted">{about}</span>
            </button>
          ))}
          {files.length > 0 && (
            <>
              <p className="mt-1 border-t border-line px-3 pt-2 pb-1 text-label text-muted">
                As closed: these bytes never change
              </p>
              {files.map(file => (
                <button
                  key={file.name}
                  type="button"
                  className={ITEM}
                  title={`SHA-256 ${file.sha256}`}
                  disabled={download.isPending}
                  onClick={() =>
                    download.mutate({
                      address: file.path.startsWith('/api/') ? file.path : `/api/v1${file.path}`,
                      name: file.name,
                    })
                  }
                >
                  <span className="min-w-0 truncate">{file.name}</span>
                  <span className="shrink-0 text-label text-muted">{format.bytes(file.bytes)}</span>
                </button>
              ))}
            </>
          )}
          {download.error && <Failure what="The file was not made." error={download.error} />}
        </div>
      )}
    >
      <Download size={16} aria-hidden />
      Export
    </Popover>
  );
}
