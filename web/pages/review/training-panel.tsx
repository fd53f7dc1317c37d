import { type FormEvent, useState } from 'react';
import { ago, exact, viewerZone } from '../../clock.ts';
import { useDownload } from '../../data/download.ts';
import {
  fileAddress,
  type TrainingExport,
  type TrainingInput,
  useForgetExport,
  useMakeExport,
  useTrainingExports,
} from '../../data/training.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { plural } from './words.ts';

const FORMATS = [
  { value: 'chat', label: 'Chat' },
  { value: 'preference', label: 'Preference' },
  { value: 'preference_openai', label: 'Preference (OpenAI)' },
] as const;

/** Corrected and well scored answers as files to train on. */
export function TrainingPanel() {
  const made = useTrainingExports();
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[360px_minmax(0,1fr)]">
      <NewExport />
      <Panel
        title="Exports"
        what="the exports"
        query={made}
        height={120}
        empty={({ exports }) =>
          exports.length === 0 ? <Note title="No training data was exported yet." /> : null
        }
      >
        {({ exports }) => (
          <ul>
            {exports.map(one => (
              <Row key={one.export_id} made={one} />
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}

function NewExport() {
  const { view } = useView();
  const [format, setFormat] = useState<(typeof FORMATS)[number]['value']>('chat');
  const [score, setScore] = useState('');
  const [atLeast, setAtLeast] = useState('0.8');
  const [label, setLabel] = useState('');
  const [days, setDays] = useState('14');
  const [corrected, setCorrected] = useState(true);
  const make = useMakeExport();
  const send = (dry_run: boolean) => {
    const request: TrainingInput = {
      format,
      from: `now-${Math.max(1, Math.round(Number(days) || 14))}d`,
      where: whereOf(view),
      score: score.trim(),
      score_at_least: Number(atLeast) || 0,
      corrected_only: corrected,
      label: label.trim(),
      dry_run,
    };
    make.mutate(request);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  return (
    <form
      onSubmit={submit}
      aria-label="New export"
      noValidate
      className="flex min-w-0 flex-col gap-3 rounded-card border border-line p-4"
    >
      <h2 className="text-body">New export</h2>
      <div className="overflow-x-auto">
        <Segmented label="Format" value={format} options={FORMATS} onChange={setFormat} />
      </div>
      <CheckBox
        label="Only corrected answers"
        checked={corrected}
        onChange={event => setCorrected(event.target.checked)}
      />
      {!corrected && (
        <div className="grid grid-cols-2 gap-2">
          <TextField
            label="or a good score, by name"
            placeholder="quality"
            value={score}
            onChange={event => setScore(event.target.value)}
          />
          <TextField
            label="at least"
            inputMode="decimal"
            value={atLeast}
            onChange={event => setAtLeast(event.target.value)}
          />
        </div>
      )}
      <TextField
        label="With this label (optional)"
        placeholder="acceptable:yes"
        value={label}
        onChange={event => setLabel(event.target.value)}
      />
      <TextField
        label="Days back"
        inputMode="numeric"
        value={days}
        onChange={event => setDays(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={make.isPending}>
          {make.isPending ? 'Working' : 'Make export'}
        </Button>
        <Button disabled={make.isPending} onClick={() => send(true)}>
          Only count
        </Button>
      </div>
      <div role="status" className="text-muted empty:hidden">
        {make.data && <Counts counts={make.data.counts} />}
      </div>
      {make.error && <Failure what="The export was not made." error={make.error} />}
    </form>
  );
}

/** What became of the calls, without what is nothing. */
function Counts({ counts }: { counts: TrainingExport['counts'] }) {
  const left = [
    [counts.without_text, 'without kept text'],
    [counts.without_partner, 'without a partner'],
    [counts.duplicates, 'the same as another'],
    [counts.near_duplicates, 'nearly the same'],
    [counts.left_out, 'beyond the limit'],
  ] as const;
  const parts = left.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return (
    <>
      {plural(counts.pairs, 'pair')} of {plural(counts.calls, 'call')}, {counts.corrected} corrected
      {parts.length > 0 && `; left out: ${parts.join(', ')}`}
      {counts.redacted > 0 && `; private values replaced in ${counts.redacted}`}
    </>
  );
}

function Row({ made }: { made: TrainingExport }) {
  const forget = useForgetExport();
  const download = useDownload();
  const name = `driftline-${made.format}-${made.created_at.slice(0, 10)}-${made.export_id.slice(0, 8)}`;
  const at = Date.parse(made.created_at);
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-2">
      <div className="min-w-0">
        <p>
          <span className="font-semibold">{FORMATS.find(({ value }) => value === made.format)?.label}</span>,{' '}
          <span title={exact(at, viewerZone())}>{ago(at, Date.now(), viewerZone())}</span>
        </p>
        <p className="text-label text-muted">
          <Counts counts={made.counts} />
        </p>
        <p className="truncate font-mono text-label text-muted" title={made.sha256}>
          sha256 {made.sha256.slice(0, 16)}
        </p>
        {download.error && <Failure what="The file could not be saved." error={download.error} />}
        {forget.error && <Failure what="The export was not forgotten." error={forget.error} />}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button
          disabled={download.isPending}
          onClick={() =>
            download.mutate({ address: fileAddress(made.export_id, 'file'), name: `${name}.jsonl` })
          }
        >
          File
        </Button>
        <Button
          disabled={download.isPending}
          onClick={() =>
            download.mutate({
              address: fileAddress(made.export_id, 'lineage'),
              name: `${name}-lineage.jsonl`,
            })
          }
        >
          Lineage
        </Button>
        <Button look="quiet" disabled={forget.isPending} onClick={() => forget.mutate(made.export_id)}>
          Forget
        </Button>
      </div>
    </li>
  );
}
