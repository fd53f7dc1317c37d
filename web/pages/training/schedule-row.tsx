import { Pause, Pencil, Play, PlayCircle, Trash2 } from 'lucide-react';
import { dayTime, exact, viewerZone } from '../../clock.ts';
import {
  type TrainingRun,
  type TrainingSchedule,
  useDeleteSchedule,
  useRunSchedule,
  useSaveSchedule,
} from '../../data/training.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Popover } from '../../ui/popover.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { saidOf } from './draft.ts';
import { EVERY, filterText, formatLabel, plural, runState } from './words.ts';

interface ScheduleRowProps {
  schedule: TrainingSchedule;
  onEdit: () => void;
  onExport: (id: string) => void;
}

const SHOWN = 3;

/** One schedule: what it takes, when next, whom it tells, and what became of its last runs. */
export function ScheduleRow({ schedule, onEdit, onExport }: ScheduleRowProps) {
  const { name, enabled, webhook, runs } = schedule;
  const save = useSaveSchedule();
  const run = useRunSchedule();
  const remove = useDeleteSchedule();
  const toggle = () =>
    save.mutate({ id: schedule.schedule_id, request: { ...saidOf(schedule), enabled: !enabled } });
  const row = (one: TrainingRun) => (
    <Run key={one.run_id} run={one} hasWebhook={webhook !== null} onExport={onExport} />
  );
  return (
    <li className="border-t border-line px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-[1_1_280px]">
          <p className="font-semibold break-words">
            {name}
            {!enabled && <span className="font-normal text-muted"> (paused)</span>}
          </p>
          <p className="break-words text-muted">{factsText(schedule)}</p>
          {webhook && (
            <p className="break-all text-label text-muted">
              tells {webhook.url}
              {webhook.failing &&
                `, with calls whose ${webhook.failing.score} is below ${format.plain(webhook.failing.below)}`}
              {webhook.include_texts && ', with their texts'}
            </p>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            disabled={run.isPending}
            aria-label={`Run now: ${name}`}
            onClick={() => run.mutate(schedule.schedule_id)}
          >
            <PlayCircle size={16} aria-hidden />
            Run now
          </Button>
          <Button
            disabled={save.isPending}
            aria-label={`${enabled ? 'Pause' : 'Resume'}: ${name}`}
            onClick={toggle}
          >
            {enabled ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
            {enabled ? 'Pause' : 'Resume'}
          </Button>
          <Button look="quiet" square aria-label={`Edit ${name}`} title="Edit" onClick={onEdit}>
            <Pencil size={16} aria-hidden />
          </Button>
          <Popover
            label="Delete this schedule?"
            look="quiet"
            square
            align="end"
            aria-label={`Delete ${name}`}
            content={close => (
              <div className="flex w-64 flex-col gap-3 p-2">
                <p>No further exports are made. Those that were made stay.</p>
                <Button
                  look="danger"
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(schedule.schedule_id, { onSuccess: close })}
                >
                  Delete
                </Button>
              </div>
            )}
          >
            <Trash2 size={16} aria-hidden />
          </Popover>
        </div>
      </div>
      {runs.length > 0 && (
        <ul aria-label={`Runs of ${name}`} className="mt-2 flex flex-col gap-1">
          {runs.slice(0, SHOWN).map(row)}
        </ul>
      )}
      {runs.length > SHOWN && (
        <Disclosure summary={plural(runs.length - SHOWN, 'earlier run')}>
          <ul aria-label={`Earlier runs of ${name}`} className="flex flex-col gap-1">
            {runs.slice(SHOWN).map(row)}
          </ul>
        </Disclosure>
      )}
      {save.error && <Failure what="It was not changed." error={save.error} />}
      {run.error && <Failure what="It was not begun." error={run.error} />}
      {remove.error && <Failure what="It was not deleted." error={remove.error} />}
    </li>
  );
}

function factsText({ every, hour, days, filter, next_at }: TrainingSchedule): string {
  const when = EVERY.find(({ value }) => value === every)?.label.toLowerCase();
  const next = next_at === null ? '' : `, next ${dayTime(Date.parse(next_at), viewerZone())}`;
  return `${formatLabel(filter.format)}: ${filterText(filter)}, ${days} days back, ${when} at ${String(hour).padStart(2, '0')}:00${next}`;
}

interface RunProps {
  run: TrainingRun;
  hasWebhook: boolean;
  onExport: (id: string) => void;
}

function Run({ run, hasWebhook, onExport }: RunProps) {
  const { status, words } = runState(run, hasWebhook);
  const zone = viewerZone();
  const at = run.done_at ?? run.failed_at ?? run.queued_at;
  const made = run.export;
  return (
    <li className="flex items-start gap-2 text-label">
      <span className="flex h-5 w-4 items-center">
        <StatusIcon status={status} />
      </span>
      <div className="min-w-0">
        <p className="break-words">
          <span className="font-semibold">{run.period}</span>
          {run.asked === 'now' && ' (asked for)'}: {words}
          <span className="text-muted" title={exact(Date.parse(at), zone)}>
            {' '}
            {dayTime(Date.parse(at), zone)}
          </span>
          {made && (
            <>
              {', '}
              <button
                type="button"
                className="text-accent underline hover:no-underline"
                onClick={() => onExport(made.export_id)}
              >
                {plural(made.counts.pairs, 'pair')}
              </button>
              {made.schedule &&
                made.schedule.previous_export_id !== null &&
                `, ${made.schedule.new_pairs} new`}
            </>
          )}
          {run.failing_cases !== null && `, ${plural(run.failing_cases, 'failing case')} in the event`}
        </p>
        {run.error && status !== 'good' && (
          <p className={`break-words ${status === 'critical' ? 'text-critical' : 'text-warning'}`}>
            {run.error}
            {run.next_attempt_at && `; again ${dayTime(Date.parse(run.next_attempt_at), zone)}`}
          </p>
        )}
      </div>
    </li>
  );
}
