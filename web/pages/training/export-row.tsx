import { Download, Trash2 } from 'lucide-react';
import { ago, exact, viewerZone } from '../../clock.ts';
import { useDownload } from '../../data/download.ts';
import { fileAddress, type TrainingExport, useForgetExport } from '../../data/training.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { countsText, fileName, filterText, formatLabel } from './words.ts';

interface ExportRowProps {
  made: TrainingExport;
  /** Shows what it was made of. */
  onOpen: () => void;
}

export function ExportRow({ made, onOpen }: ExportRowProps) {
  const forget = useForgetExport();
  const download = useDownload();
  const at = Date.parse(made.created_at);
  const zone = viewerZone();
  const what = `${formatLabel(made.format)} export of ${exact(at, zone)}`;
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-2">
      <div className="min-w-0 flex-[1_1_280px]">
        <p className="break-words">
          <span className="font-semibold">{formatLabel(made.format)}</span>: {filterText(made.filter)},{' '}
          <span title={exact(at, zone)}>{ago(at, Date.now(), zone)}</span>
          {made.schedule && (
            <span className="text-muted">
              {' '}
              by {made.schedule.name}, {made.schedule.period}
            </span>
          )}
        </p>
        <p className="text-label text-muted">{countsText(made.counts)}</p>
        {download.error && <Failure what="The file could not be saved." error={download.error} />}
        {forget.error && <Failure what="The export was not forgotten." error={forget.error} />}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          disabled={download.isPending}
          aria-label={`File: ${what}`}
          onClick={() =>
            download.mutate({ address: fileAddress(made.export_id, 'file'), name: `${fileName(made)}.jsonl` })
          }
        >
          <Download size={16} aria-hidden />
          File
        </Button>
        <Button aria-label={`Lineage: ${what}`} onClick={onOpen}>
          Lineage
        </Button>
        <Popover
          label="Forget this export?"
          look="quiet"
          square
          align="end"
          aria-label={`Forget the ${what}`}
          content={close => (
            <div className="flex w-64 flex-col gap-3 p-2">
              <p>Its lineage goes, and its file cannot be written again.</p>
              <Button
                look="danger"
                disabled={forget.isPending}
                onClick={() => forget.mutate(made.export_id, { onSuccess: close })}
              >
                Forget
              </Button>
            </div>
          )}
        >
          <Trash2 size={16} aria-hidden />
        </Popover>
      </div>
    </li>
  );
}
