import { type FormEvent, useState } from 'react';
import { useReportingZone } from '../../data/onboarding.ts';
import { type TrainingSchedule, useMakeExport, useSaveSchedule } from '../../data/training.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { draftOfSchedule, exportOfDraft, newSchedule, type ScheduleDraft, scheduleOfDraft } from './draft.ts';
import { FilterFields } from './filter-fields.tsx';
import { Preview } from './preview.tsx';
import { EVERY } from './words.ts';

interface ScheduleFormProps {
  open: boolean;
  /** The one to change; null makes a new one. */
  schedule: TrainingSchedule | null;
  onClose: () => void;
  /** `secret` is null unless the webhook is new. */
  onSaved: (name: string, secret: string | null) => void;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}));

/** Exports that are made again and again, and who is told of them. */
export function ScheduleForm({ open, ...form }: ScheduleFormProps) {
  const { schedule, onClose } = form;
  return (
    <Dialog
      title={schedule ? `Schedule ${schedule.name}` : 'New schedule'}
      shape="side"
      open={open}
      onClose={onClose}
    >
      <Form {...form} />
    </Dialog>
  );
}

function Form({ schedule, onClose, onSaved }: Omit<ScheduleFormProps, 'open'>) {
  const { view } = useView();
  const zone = useReportingZone();
  const [draft, setDraft] = useState<ScheduleDraft>(() => {
    if (schedule) return draftOfSchedule(schedule);
    const fresh = newSchedule();
    return { ...fresh, filter: { ...fresh.filter, where: whereOf(view) } };
  });
  const [tried, setTried] = useState(false);
  const preview = useMakeExport();
  const save = useSaveSchedule();
  const request = scheduleOfDraft(draft);
  const set = (part: Partial<ScheduleDraft>) => {
    setDraft({ ...draft, ...part });
    preview.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof request === 'string') return;
    save.mutate(
      { id: schedule?.schedule_id ?? null, request },
      { onSuccess: ({ name, secret }) => onSaved(name, secret) },
    );
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3 p-4">
      <TextField
        label="Name"
        placeholder="support weekly"
        maxLength={120}
        value={draft.name}
        onChange={event => set({ name: event.target.value })}
      />
      <div className="flex flex-wrap items-end gap-2">
        <Select label="How often" value={draft.every} options={EVERY} onChange={every => set({ every })} />
        <Select
          label="At"
          value={String(draft.hour)}
          options={HOURS}
          onChange={hour => set({ hour: Number(hour) })}
        />
        <span className="self-center text-muted">{zone}</span>
      </div>
      <TextField
        label="Calls of so many days before the end of the period"
        inputMode="numeric"
        value={draft.days}
        onChange={event => set({ days: event.target.value })}
      />
      <FilterFields draft={draft.filter} onChange={filter => set({ filter })} />
      <Preview make={preview} request={exportOfDraft(draft.filter, draft.days)} />
      <Webhook draft={draft} onChange={set} before={schedule?.webhook?.url ?? null} />
      <CheckBox
        label="Switched on"
        checked={draft.enabled}
        onChange={event => set({ enabled: event.target.checked })}
      />
      {tried && typeof request === 'string' && (
        <p role="alert" className="text-critical">
          {request}
        </p>
      )}
      {save.error && <Failure what="The schedule was not saved." error={save.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={save.isPending}>
          {save.isPending ? 'Saving' : 'Save schedule'}
        </Button>
      </div>
    </form>
  );
}

interface WebhookProps {
  draft: ScheduleDraft;
  onChange: (part: Partial<ScheduleDraft>) => void;
  /** Address as it is stored. */
  before: string | null;
}

/** Who is told that there is something to train on, and what goes along. */
function Webhook({ draft, onChange, before }: WebhookProps) {
  const url = draft.url.trim();
  return (
    <fieldset className="flex flex-col gap-3 rounded-card border border-line p-3">
      <legend className="px-1 font-semibold">Tell a training pipeline</legend>
      <TextField
        label="Webhook (optional)"
        type="url"
        placeholder="https://train.example.com/hooks/driftline"
        value={draft.url}
        onChange={event => onChange({ url: event.target.value })}
      />
      {url !== '' && (
        <>
          <p className="text-label text-muted">
            Gets a signed event <code>training.retrain</code> after each run, with links to file and lineage
            and the failing cases of the period.
            {before !== null && before !== url && ' Another address gets another signing secret.'}
          </p>
          <div className="grid grid-cols-2 gap-2">
            <TextField
              label="A call fails when this score"
              placeholder="quality"
              value={draft.failingScore}
              onChange={event => onChange({ failingScore: event.target.value })}
            />
            <TextField
              label="is below"
              inputMode="decimal"
              value={draft.below}
              onChange={event => onChange({ below: event.target.value })}
            />
          </div>
          <p className="text-label text-muted">
            Calls that users complained of are failing cases in any event.
          </p>
          <TextField
            label="At most so many cases"
            inputMode="numeric"
            className="w-40"
            value={draft.mostCases}
            onChange={event => onChange({ mostCases: event.target.value })}
          />
          <CheckBox
            label="Send their questions and answers too"
            checked={draft.includeTexts}
            onChange={event => onChange({ includeTexts: event.target.checked })}
          >
            <span className="block text-muted">
              Without private values. Otherwise texts stay here, and the event has ids and figures.
            </span>
          </CheckBox>
        </>
      )}
    </fieldset>
  );
}
