import { type FormEvent, useState } from 'react';
import type { DriftSettings, driftBudget } from '#contract/drift.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import { useFalseAlarmBudget, useSaveDriftSettings } from '../../data/rules.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FormFoot } from '../../ui/form-foot.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { budgetWords, seriesWords } from './words.ts';

type Budget = ReplyOf<typeof driftBudget>;

/** How much the detector may disturb in a week, what of it is spent, and the way to change it. */
export function FalseAlarms() {
  const { data } = useFalseAlarmBudget();
  const [changing, setChanging] = useState(false);
  if (!data) return null;
  const { settings, judged_noise, expected_false_alarms: expected } = data;
  const share = (value: number) => Math.min(100, (100 * value) / settings.false_alarms_per_week);
  return (
    <div className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2 rounded-card bg-surface px-4 py-3">
      <div className="min-w-0 flex-1 basis-80">
        <p>{budgetWords(data)}</p>
        <div
          className="my-2 h-2 max-w-text overflow-hidden rounded-full border border-control bg-bg"
          role="img"
          aria-label={`${format.percent(share(judged_noise) / 100)} of the budget spent by pages that were judged noise`}
        >
          <div className="h-full bg-critical" style={{ width: `${share(judged_noise)}%` }} />
        </div>
        <p className="text-label text-muted">
          {seriesWords(data)}
          {expected > 0 && ` At most ${format.plain(expected)} false pages were to be expected so far.`}
        </p>
      </div>
      <Button onClick={() => setChanging(true)}>Change</Button>
      <Dialog title="How much the detector may disturb" open={changing} onClose={() => setChanging(false)}>
        <SettingsForm budget={data} onDone={() => setChanging(false)} />
      </Dialog>
    </div>
  );
}

function SettingsForm({ budget, onDone }: { budget: Budget; onDone: () => void }) {
  const { settings } = budget;
  const [allowed, setAllowed] = useState(String(settings.false_alarms_per_week));
  const [least, setLeast] = useState(String(settings.series_at_least));
  const [tried, setTried] = useState(false);
  const save = useSaveDriftSettings();
  const request: DriftSettings = { false_alarms_per_week: Number(allowed), series_at_least: Number(least) };
  const isAllowed = request.false_alarms_per_week >= 0.05 && request.false_alarms_per_week <= 20;
  const isLeast = Number.isInteger(request.series_at_least) && request.series_at_least >= 1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isAllowed && isLeast) save.mutate(request, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
      <TextField
        label="False pages a week, at most"
        inputMode="decimal"
        value={allowed}
        error={tried && !isAllowed ? 'Between 0.05 and 20' : undefined}
        onChange={event => setAllowed(event.target.value.trim())}
      />
      <p className="-mt-2 text-muted">
        Over everything watched. Fewer false pages take more evidence, so a change is seen later.
      </p>
      <TextField
        label="Reckon with at least so many series"
        inputMode="numeric"
        value={least}
        error={tried && !isLeast ? 'A whole number from 1 on' : undefined}
        onChange={event => setLeast(event.target.value.trim())}
      />
      <p className="-mt-2 text-muted">
        {format.full(budget.series)} are watched now. With room for those to come, the threshold stays where
        it is when a feature is added.
      </p>
      {save.error && <Failure what="The budget was not saved." error={save.error} />}
      <FormFoot submit="Save" saving={save.isPending} onCancel={onDone} />
    </form>
  );
}
