import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import type { LineageLine } from '#contract/training.ts';
import { exact, viewerZone } from '../../clock.ts';
import { useDownload } from '../../data/download.ts';
import { fileAddress, type TrainingExport, useLineage } from '../../data/training.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Counts } from './counts.tsx';
import { bytesText, fileName, formatLabel } from './words.ts';

const SHOWN = 100;

interface LineageSheetProps {
  /** Null when it is closed. */
  made: TrainingExport | null;
  onClose: () => void;
}

/** What an export was made of: what was asked, where the calls went, and the calls and scores behind each line. */
export function LineageSheet({ made, onClose }: LineageSheetProps) {
  return (
    <Dialog
      title={made ? `${formatLabel(made.format)} export` : 'Export'}
      shape="side"
      open={made !== null}
      onClose={onClose}
    >
      {made && <Lineage made={made} />}
    </Dialog>
  );
}

function Lineage({ made }: { made: TrainingExport }) {
  const query = useLineage(made.export_id, SHOWN);
  const download = useDownload();
  const save = (what: 'file' | 'lineage') =>
    download.mutate({
      address: fileAddress(made.export_id, what),
      name: `${fileName(made)}${what === 'lineage' ? '-lineage' : ''}.jsonl`,
    });
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="text-muted">
        Made {exact(Date.parse(made.created_at), viewerZone())}
        {made.schedule && ` by ${made.schedule.name}, of ${made.schedule.period}`}.
        {made.schedule &&
          (made.schedule.previous_export_id === null
            ? ' The first of its schedule.'
            : ` ${format.full(made.schedule.new_pairs)} of its lines are not in the one before.`)}
      </p>
      <Counts counts={made.counts} />
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" disabled={download.isPending} onClick={() => save('file')}>
          <Download size={16} aria-hidden />
          File, {bytesText(made.bytes)}
        </Button>
        <Button disabled={download.isPending} onClick={() => save('lineage')}>
          <Download size={16} aria-hidden />
          Lineage file
        </Button>
        <CopyButton look="quiet" text={made.sha256} label="Copy SHA-256" />
      </div>
      {download.error && <Failure what="The file could not be saved." error={download.error} />}
      <Disclosure summary="What was asked">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 py-1">
          {Object.entries(made.filter).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name.replaceAll('_', ' ')}</dt>
              <dd className="break-words">{value === '' ? '-' : String(value)}</dd>
            </div>
          ))}
        </dl>
      </Disclosure>
      <Panel
        title={
          made.counts.pairs > SHOWN
            ? `The first ${SHOWN} of ${format.full(made.counts.pairs)} lines`
            : 'Lines'
        }
        what="the lineage"
        query={query}
        height={80}
        empty={lines => (lines.length === 0 ? <Note title="The export has no lines." /> : null)}
      >
        {lines => (
          <ol>
            {lines.map(line => (
              <LineageRow key={line.line} line={line} />
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}

const SOURCES: Record<LineageLine['source'], string> = {
  answer: 'a good answer',
  correction: 'corrected by a person',
  better_answer: 'a better beside a worse answer',
};

function LineageRow({ line: { line, source, calls, scores, sha256 } }: { line: LineageLine }) {
  return (
    <li className="border-t border-line px-4 py-2">
      <p>
        <span className="font-semibold">{format.full(line)}</span> {SOURCES[source]}{' '}
        {calls.map((call, at) => {
          const [traceId = '', spanId] = call.split('/');
          return (
            <Link
              key={call}
              to="/traces/$traceId"
              params={{ traceId }}
              search={spanId ? { span: spanId } : {}}
              className="mr-2 text-accent underline hover:no-underline"
            >
              {calls.length === 1 ? 'trace' : at === 0 ? 'chosen' : 'rejected'}
            </Link>
          );
        })}
      </p>
      <p className="truncate font-mono text-label text-muted" title={[...scores, sha256].join('\n')}>
        sha256 {sha256.slice(0, 12)}, {scores.length === 0 ? 'no score' : `score ${scores.join(', ')}`}
      </p>
    </li>
  );
}
