import { type FormEvent, useState } from 'react';
import type { ListedOverlay } from '#contract/price.ts';
import { usePreviewOverlay, useSaveOverlay } from '../../data/prices.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { EffectView } from './effect-view.tsx';
import { RepriceOffer } from './reprice-offer.tsx';
import { kindName } from './words.ts';

interface EditOverlayProps {
  overlay: ListedOverlay | 'new' | null;
  kinds: readonly string[];
  onClose: () => void;
}

/** A discount typed in, looked at in money, then written down as a further version. */
export function EditOverlay({ overlay, kinds, onClose }: EditOverlayProps) {
  const title = overlay === null || overlay === 'new' ? 'Add a discount' : `Change ${overlay.name}`;
  return (
    <Dialog title={title} open={overlay !== null} onClose={onClose} shape="side">
      {overlay !== null && (
        <Form overlay={overlay === 'new' ? null : overlay} kinds={kinds} onClose={onClose} />
      )}
    </Dialog>
  );
}

const DECIMAL = '\\d{1,12}(\\.\\d{1,12})?';

function Form({
  overlay,
  kinds,
  onClose,
}: {
  overlay: ListedOverlay | null;
  kinds: readonly string[];
  onClose: () => void;
}) {
  const preview = usePreviewOverlay();
  const save = useSaveOverlay();
  const [by] = useStored('name');
  const [note, setNote] = useState('');
  const [prices, setPrices] = useState<Record<string, string>>(overlay?.prices ?? {});
  const [typed, setTyped] = useState({
    name: overlay?.name ?? '',
    provider: overlay?.provider ?? '',
    model: overlay?.model ?? '',
    valid_from: overlay?.valid_from.slice(0, 10) ?? new Date().toISOString().slice(0, 10),
    valid_to: overlay?.valid_to?.slice(0, 10) ?? '',
    discount_percent: overlay?.discount_percent ?? '',
    currency: overlay?.currency ?? 'USD',
    commitment_usd_per_month: overlay?.commitment_usd_per_month ?? '',
  });
  const [paidAhead, setPaidAhead] = useState(overlay?.paid_ahead ?? false);
  const terms = {
    ...typed,
    paid_ahead: paidAhead && typed.commitment_usd_per_month !== '',
    valid_to: typed.valid_to || null,
    discount_percent: typed.discount_percent || null,
    commitment_usd_per_month: typed.commitment_usd_per_month || null,
    prices: Object.fromEntries(Object.entries(prices).filter(([, price]) => price !== '')),
  };
  if (save.data)
    return (
      <div className="p-4">
        <RepriceOffer
          past={pastOf(terms, overlay)}
          models={modelsOf(terms, overlay)}
          {...{ note, by, onClose }}
        />
      </div>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data) save.mutate({ overlay, terms, noted_by: by, note });
    else preview.mutate({ overlay_id: overlay?.overlay_id ?? null, terms });
  };
  const field = (
    name: keyof typeof typed,
    label: string,
    more: Partial<Parameters<typeof TextField>[0]> = {},
  ) => (
    <TextField
      label={label}
      value={typed[name]}
      onChange={event => {
        preview.reset();
        setTyped({ ...typed, [name]: event.target.value });
      }}
      {...more}
    />
  );
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      {field('name', 'Name', { required: true, maxLength: 100, placeholder: 'Contract 2026' })}
      <div className="grid grid-cols-2 gap-3">
        {field('provider', 'Provider', { placeholder: 'every provider' })}
        {field('model', 'Model', { placeholder: 'every model; * for anything' })}
        {field('valid_from', 'Valid from (UTC)', { type: 'date', required: true })}
        {field('valid_to', 'Until, not included', { type: 'date' })}
        {field('discount_percent', 'Percent off', {
          inputMode: 'decimal',
          pattern: DECIMAL,
          placeholder: '12.5',
        })}
        {field('commitment_usd_per_month', 'Committed per month, USD', {
          inputMode: 'decimal',
          pattern: DECIMAL,
          placeholder: '10000',
        })}
      </div>
      {typed.commitment_usd_per_month !== '' && (
        <CheckBox
          label="Paid ahead"
          checked={paidAhead}
          onChange={event => {
            preview.reset();
            setPaidAhead(event.target.checked);
          }}
        >
          <span className="block text-muted">
            FOCUS files then have a purchase of this amount each month; what is used of it is not billed again
            (BilledCost 0), what is used beyond it is, and what is left is a row of its own. Costs stay. Needs
            a discount or prices; 0 percent off for list prices.
          </span>
        </CheckBox>
      )}
      <Disclosure summary="Prices instead of the list's" open={Object.keys(prices).length > 0}>
        <div className="mt-2 grid grid-cols-2 gap-3">
          {kinds.map(kind => (
            <TextField
              key={kind}
              label={kindName(kind)}
              inputMode="decimal"
              pattern={DECIMAL}
              value={prices[kind] ?? ''}
              onChange={event => {
                preview.reset();
                setPrices({ ...prices, [kind]: event.target.value.trim() });
              }}
            />
          ))}
          {field('currency', 'Currency', { pattern: '[A-Z]{3}', maxLength: 3 })}
        </div>
      </Disclosure>
      <p className="text-muted">
        Of several that cover a call the one that names its model and provider most closely holds; they do not
        add up.
      </p>
      {preview.data && <EffectView effect={preview.data.effect} />}
      {preview.data && (
        <TextField
          label="Why (kept with it)"
          maxLength={1000}
          value={note}
          onChange={event => setNote(event.target.value)}
        />
      )}
      {preview.error && <Failure what="It could not be tried." error={preview.error} />}
      {save.error && <Failure what="It was not saved." error={save.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={preview.isPending || save.isPending}>
          {save.isPending
            ? 'Saving'
            : preview.isPending
              ? 'Computing'
              : preview.data
                ? 'Save'
                : 'Show the effect'}
        </Button>
      </div>
    </form>
  );
}

interface Agreed {
  valid_from: string;
  model: string;
}

/** The time before now in which it holds, or held until now; null when it begins later. */
function pastOf(terms: Agreed, before: Agreed | null) {
  const from = [terms, ...(before ? [before] : [])].map(({ valid_from }) => valid_from).toSorted()[0]!;
  const to = new Date().toISOString();
  return from < to ? { from, to } : null;
}

/** The models it is about, now and before; none: it may be any. */
function modelsOf(terms: Agreed, before: Agreed | null): string[] {
  const models = [terms.model.trim(), ...(before ? [before.model] : [])];
  return models.some(model => model === '' || model.includes('*')) ? [] : [...new Set(models)];
}
