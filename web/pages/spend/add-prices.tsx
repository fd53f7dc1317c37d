import { type FormEvent, useState } from 'react';
import { type Change, type UnpricedModel, useAddPrices, usePreviewPrices } from '../../data/unpriced.ts';
import { format, MISSING } from '../../format.ts';
import { signedUsd } from '../../money.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface AddPricesProps {
  models: readonly UnpricedModel[];
  open: boolean;
  onClose: () => void;
}

/** Prices for models that have none: typed in, tried, then written down and posted for the calls so far. */
export function AddPrices({ models, open, onClose }: AddPricesProps) {
  return (
    <Dialog title="Add prices" open={open} onClose={onClose}>
      <Form models={models} onClose={onClose} />
    </Dialog>
  );
}

const FIELDS = [
  ['input', 'Input'],
  ['output', 'Output'],
  ['cache_read', 'From cache'],
] as const;
type Typed = Record<string, Record<string, string>>;

const keyOf = ({ provider, model }: UnpricedModel) => `${provider} ${model}`;
const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/;

function Form({ models, onClose }: Omit<AddPricesProps, 'open'>) {
  const [typed, setTyped] = useState<Typed>({});
  const preview = usePreviewPrices();
  const add = useAddPrices();
  const unknown = models.filter(({ has_price }) => !has_price);
  const changes = changesOf(unknown, typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!preview.data) return preview.mutate(changes);
    const chosen = unknown.filter(model => Object.values(typed[keyOf(model)] ?? {}).some(Boolean));
    add.mutate({
      changes,
      hash: preview.data.hash,
      models: chosen.map(({ model }) => model),
    });
  };
  if (add.isSuccess) return <Done repricing={add.data} onClose={onClose} />;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      <p className="text-muted">
        US dollars per million tokens, as the provider charged from the first call on.
      </p>
      {unknown.map(model => (
        <fieldset key={keyOf(model)} className="min-w-0">
          <legend className="mb-1 font-semibold break-words">
            {model.model || model.request_model || '(no model)'}{' '}
            <span className="font-normal text-muted">
              {model.provider || 'no provider'}, {format.count(model.calls)} calls,{' '}
              {format.count(model.tokens)} tokens
            </span>
          </legend>
          <div className="grid grid-cols-3 gap-2">
            {FIELDS.map(([kind, label]) => {
              const value = typed[keyOf(model)]?.[kind] ?? '';
              return (
                <TextField
                  key={kind}
                  label={label}
                  inputMode="decimal"
                  placeholder={kind === 'cache_read' ? 'as input' : '2.50'}
                  value={value}
                  error={value && !DECIMAL.test(value) ? 'A number such as 2.50' : undefined}
                  onChange={event => {
                    preview.reset();
                    add.reset();
                    const of = keyOf(model);
                    setTyped({ ...typed, [of]: { ...typed[of], [kind]: event.target.value.trim() } });
                  }}
                />
              );
            })}
          </div>
        </fieldset>
      ))}
      {models.length > unknown.length && (
        <p className="text-muted">
          {format.full(models.length - unknown.length)} more have a price, but their calls did not say all it
          needs, such as tokens.
        </p>
      )}
      {preview.data && (
        <p role="status" className="flex items-start gap-2">
          <StatusIcon status="good" />
          <span>
            {preview.data.effect
              ? `Of the last 90 days ${format.full(preview.data.effect.days_90.unpriced_before - preview.data.effect.days_90.unpriced_after)} calls get a price: ${format.usd(preview.data.effect.days_90.before_usd)} becomes ${format.usd(preview.data.effect.days_90.after_usd)}.`
              : 'Nothing changes.'}{' '}
            Nothing is edited: the difference is posted beside what was booked.
          </span>
        </p>
      )}
      {preview.data?.problems.map(({ what }) => (
        <p key={what} role="alert" className="text-critical">
          {what}
        </p>
      ))}
      {preview.error && <Failure what="The prices could not be tried." error={preview.error} />}
      {add.error && <Failure what="The prices were not posted." error={add.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          disabled={changes.length === 0 || preview.isPending || add.isPending}
        >
          {add.isPending
            ? 'Posting'
            : preview.isPending
              ? 'Computing'
              : preview.data
                ? 'Save and post'
                : 'Show the effect'}
        </Button>
      </div>
    </form>
  );
}

function Done({
  repricing,
  onClose,
}: {
  repricing: { calls: number; change_usd: string } | null;
  onClose: () => void;
}) {
  return (
    <div className="flex flex-col items-start gap-3 p-4">
      <p role="status" className="flex items-center gap-2">
        <StatusIcon status="good" />
        {repricing
          ? `${format.full(repricing.calls)} calls priced, ${signedUsd(repricing.change_usd)}.`
          : MISSING}{' '}
        The page follows within a minute.
      </p>
      <Button look="primary" onClick={onClose}>
        Close
      </Button>
    </div>
  );
}

/** What was typed for models with at least an input or output price. */
function changesOf(models: readonly UnpricedModel[], typed: Typed): Change[] {
  return models.flatMap((model): Change[] => {
    const entries = Object.entries(typed[keyOf(model)] ?? {}).filter(([, value]) => value !== '');
    if (entries.length === 0 || entries.some(([, value]) => !DECIMAL.test(value))) return [];
    return [
      {
        action: 'set',
        provider: model.provider || 'unknown',
        model: model.model || model.request_model,
        prices: Object.fromEntries(entries),
        source: 'put in on the spend page',
      },
    ];
  });
}
