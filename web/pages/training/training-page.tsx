import { useNavigate, useSearch } from '@tanstack/react-router';
import { CalendarClock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTrainingExports, useTrainingSchedules } from '../../data/training.ts';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ExportForm } from './export-form.tsx';
import { ExportRow } from './export-row.tsx';
import { LineageSheet } from './lineage-sheet.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { ScheduleRow } from './schedule-row.tsx';
import type { TrainingSearch } from './search.ts';

/** What is there to train on, and does it reach the pipeline? */
export function TrainingPage() {
  const search = useSearch({ from: '/training' });
  const navigate = useNavigate({ from: '/training' });
  const change = (part: TrainingSearch) =>
    void navigate({ resetScroll: false, search: before => ({ ...before, ...part }) });
  const schedules = useTrainingSchedules();
  const made = useTrainingExports();
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null);
  const edited = schedules.data?.schedules.find(({ schedule_id }) => schedule_id === search.schedule) ?? null;
  const openExport = (id: string) => change({ export: id });
  const actions = (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => change({ schedule: 'new' })}>
        <CalendarClock size={16} aria-hidden />
        New schedule
      </Button>
      <Button look="primary" onClick={() => change({ export: 'new' })}>
        <Plus size={16} aria-hidden />
        New export
      </Button>
    </div>
  );
  return (
    <>
      <PageTitle title="Training data" actions={actions}>
        <p className="max-w-text text-muted">
          Corrected and well scored answers as files to train on: no pair twice, private values replaced, and
          every line traced back to its calls.
        </p>
      </PageTitle>
      {secret && <Secret {...secret} onDone={() => setSecret(null)} />}
      <div className="flex flex-col gap-4">
        <Panel
          title="Schedules"
          what="the schedules"
          query={schedules}
          height={80}
          empty={data =>
            data.schedules.length === 0 ? (
              <Note title="Nothing is exported by schedule.">
                <span>A schedule makes an export after each day, week or month and tells your pipeline.</span>
              </Note>
            ) : null
          }
        >
          {data => (
            <ul>
              {data.schedules.map(one => (
                <ScheduleRow
                  key={one.schedule_id}
                  schedule={one}
                  onEdit={() => change({ schedule: one.schedule_id })}
                  onExport={openExport}
                />
              ))}
            </ul>
          )}
        </Panel>
        {/* Not before it is known where: what stands below would be pushed down. */}
        {(schedules.data !== undefined || schedules.error !== null) && (
          <Panel
            title="Exports"
            what="the exports"
            query={made}
            height={120}
            empty={data =>
              data.exports.length === 0 ? (
                <Note title="No training data was exported yet.">
                  <span>Correct answers in Review, or let evaluators score them; then make an export.</span>
                </Note>
              ) : null
            }
          >
            {data => (
              <ul>
                {data.exports.map(one => (
                  <ExportRow key={one.export_id} made={one} onOpen={() => openExport(one.export_id)} />
                ))}
              </ul>
            )}
          </Panel>
        )}
      </div>
      <ExportForm open={search.export === 'new'} onClose={() => change({ export: undefined })} />
      <ScheduleForm
        key={search.schedule}
        open={search.schedule === 'new' || edited !== null}
        schedule={edited}
        onClose={() => change({ schedule: undefined })}
        onSaved={(name, given) => {
          if (given !== null) setSecret({ name, secret: given });
          change({ schedule: undefined });
        }}
      />
      <LineageSheet
        made={made.data?.exports.find(({ export_id }) => export_id === search.export) ?? null}
        onClose={() => change({ export: undefined })}
      />
    </>
  );
}

/** The server does not give it out again. */
function Secret({ name, secret, onDone }: { name: string; secret: string; onDone: () => void }) {
  return (
    <div role="status" className="mb-4 rounded-card border border-good p-4">
      <p className="font-semibold">Signing secret of {name}</p>
      <p className="max-w-text text-muted">
        Copy it now, it is not shown again. Your pipeline verifies the Standard Webhooks signature with it.
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-2">
        <code className="min-w-0 rounded-control bg-surface px-2 py-1 font-mono break-all">{secret}</code>
        <CopyButton text={secret} label="Copy the secret" />
        <Button onClick={onDone}>I have copied it</Button>
      </p>
    </div>
  );
}
