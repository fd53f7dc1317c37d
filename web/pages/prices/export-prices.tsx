import { Download } from 'lucide-react';
import { useDownload } from '../../data/download.ts';
import { Failure } from '../../states/failure.tsx';
import { Popover } from '../../ui/popover.tsx';

const FORMATS = [
  { value: 'csv', label: 'CSV', about: 'for a spreadsheet' },
  { value: 'json', label: 'JSON', about: 'with every digit and tier' },
] as const;

/** The book as a file that can be read in again. */
export function ExportPrices() {
  const download = useDownload();
  return (
    <Popover
      label="Export"
      align="end"
      content={close => (
        <div className="w-64">
          {FORMATS.map(({ value, label, about }) => (
            <button
              key={value}
              type="button"
              className="flex min-h-9 w-full cursor-pointer items-center justify-between gap-6 rounded-control px-3 text-left hover:bg-surface pointer-coarse:min-h-11"
              onClick={() =>
                download.mutate(
                  { address: `/api/v1/prices/export?format=${value}`, name: `prices.${value}` },
                  { onSuccess: close },
                )
              }
            >
              {label}
              <span className="text-muted">{about}</span>
            </button>
          ))}
          {download.error && <Failure what="The file was not made." error={download.error} />}
        </div>
      )}
    >
      <Download size={16} aria-hidden />
      Export
    </Popover>
  );
}
