import { type FormEvent, useState } from 'react';
import type { Price } from '#contract/price.ts';
import { type Proposal, usePreviewProposal } from '../../data/prices.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { AmountFields, type Amounts, filledIn, isBad } from './amounts.tsx';
import { Confirm } from './confirm.tsx';
import { type ContextTier, ContextTiers, filledTiers } from './context-tiers.tsx';
import { ServiceTiers, type TierPrices } from './service-tiers.tsx';
import { batchKinds, mainKinds } from './words.ts';

/** What the form begins with: nothing, a model without a price, or a price to correct or to succeed. */
export type PriceDraft = Partial<Price>;

interface EditPriceProps {
  draft: PriceDraft | null;
  kinds: readonly string[];
  modes: readonly string[];
  onClose: () => void;
}

/** A price typed in, compared with the book, then applied. */
export function EditPrice({ draft, onClose, ...known }: EditPriceProps) {
  return (
    <Dialog title={titleOf(draft)} open={draft !== null} onClose={onClose} shape="side">
      <div className="p-4">{draft && <Steps draft={draft} onClose={onClose} {...known} />}</div>
    </Dialog>
  );
}

const titleOf = (draft: PriceDraft | null) => (draft?.price_id ? `Price of ${draft.model}` : 'Add a price');

const COUNT = '[1-9][0-9]{0,8}';

interface Typed {
  provider: string;
  model: string;
  region: string;
  mode: string;
  currency: string;
  from: string;
  to: string;
  /** The most tokens the model takes and gives; empty: nobody knows. */
  mostIn: string;
  mostOut: string;
  prices: Amounts;
  tiers: TierPrices;
  contextTiers: ContextTier[];
}

type StepsProps = EditPriceProps & { draft: PriceDraft };

function Steps({ draft, kinds, modes, onClose }: StepsProps) {
  const preview = usePreviewProposal();
  const [typed, setTyped] = useState<Typed>(() => ({
    provider: draft.provider ?? '',
    model: draft.model ?? '',
    region: draft.region ?? '',
    mode: draft.mode ?? 'chat',
    currency: draft.currency ?? 'USD',
    from: draft.valid_from?.slice(0, 10) ?? '',
    to: draft.valid_to?.slice(0, 10) ?? '',
    mostIn: String(draft.max_input_tokens ?? ''),
    mostOut: String(draft.max_output_tokens ?? ''),
    prices: draft.prices ?? {},
    tiers: draft.service_tiers ?? {},
    contextTiers: draft.tiers ?? [],
  }));
  const proposal: Proposal = { changes: [changeOf(typed)] };
  const set = (part: Partial<Typed>) => setTyped({ ...typed, ...part });
  const ofTiers = [...Object.values(typed.tiers), ...typed.contextTiers.map(({ prices }) => prices)];
  const bad = [typed.prices, ...ofTiers].some(isBad);
  const empty = Object.values(typed.prices).every(value => value === '');
  if (preview.data && preview.data.problems.length === 0)
    return <Confirm proposal={proposal} preview={preview.data} onBack={preview.reset} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate(proposal);
  };
  const elsewhere: readonly string[] = [...mainKinds, ...batchKinds];
  const others = kinds.filter(kind => !elsewhere.includes(kind));
  const amounts = { prices: typed.prices, onChange: (prices: Amounts) => set({ prices }) };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label="Provider"
          required
          placeholder="openai"
          value={typed.provider}
          disabled={draft.price_id !== undefined}
          onChange={event => set({ provider: event.target.value })}
        />
        <TextField
          label="Model"
          required
          placeholder="gpt-5"
          value={typed.model}
          disabled={draft.price_id !== undefined}
          onChange={event => set({ model: event.target.value })}
        />
        <TextField
          label="Valid from (UTC)"
          type="date"
          value={typed.from}
          onChange={event => set({ from: event.target.value })}
        />
        <TextField
          label="Until, not included"
          type="date"
          value={typed.to}
          onChange={event => set({ to: event.target.value })}
        />
      </div>
      <p className="-mt-2 text-label text-muted">
        Empty: since the first call, and until further notice. A day that has a price already is corrected;
        the earlier price stays readable.
      </p>
      <AmountFields kinds={mainKinds} {...amounts} />
      <Disclosure
        summary={`More kinds${filled(others, typed) > 0 ? ` (${filled(others, typed)} filled in)` : ''}`}
        open={filled(others, typed) > 0}
      >
        <div className="mt-2 flex flex-col gap-3">
          <AmountFields kinds={others} {...amounts} />
          <div className="grid grid-cols-3 gap-3">
            <TextField
              label="Currency"
              maxLength={3}
              value={typed.currency}
              onChange={event => set({ currency: event.target.value.toUpperCase() })}
            />
            <TextField
              label="Region"
              placeholder="everywhere"
              value={typed.region}
              disabled={draft.price_id !== undefined}
              onChange={event => set({ region: event.target.value })}
            />
            <label className="block min-w-0">
              <span className="mb-1 block text-label font-semibold">Used for</span>
              <select
                value={typed.mode}
                onChange={event => set({ mode: event.target.value })}
                className="h-8 w-full min-w-0 cursor-pointer rounded-control border border-control bg-bg px-2 text-body pointer-coarse:h-11"
              >
                {modes.map(mode => (
                  <option key={mode} value={mode}>
                    {mode.replaceAll('_', ' ')}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <div className="grid grid-cols-2 gap-3">
            <TextField
              label="Most input tokens"
              inputMode="numeric"
              pattern={COUNT}
              placeholder="not known"
              value={typed.mostIn}
              onChange={event => set({ mostIn: event.target.value.trim() })}
            />
            <TextField
              label="Most output tokens"
              inputMode="numeric"
              pattern={COUNT}
              placeholder="not known"
              value={typed.mostOut}
              onChange={event => set({ mostOut: event.target.value.trim() })}
            />
          </div>
          <p className="-mt-1 text-label text-muted">
            What the model takes and gives at most. They bound what a call without token counts cost.
          </p>
        </div>
      </Disclosure>
      <ServiceTiers
        kinds={kinds}
        tiers={typed.tiers}
        onTiers={tiers => set({ tiers })}
        prices={typed.prices}
        onPrices={prices => set({ prices })}
      />
      <ContextTiers
        kinds={kinds}
        tiers={typed.contextTiers}
        onTiers={contextTiers => set({ contextTiers })}
        prices={typed.prices}
      />
      {preview.data?.problems.map(({ what }) => (
        <p key={what} role="alert" className="text-critical">
          {what}
        </p>
      ))}
      {preview.error && <Failure what="The price could not be compared." error={preview.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={bad || empty || preview.isPending}>
          {preview.isPending ? 'Computing' : 'Show the effect'}
        </Button>
      </div>
    </form>
  );
}

const filled = (kinds: readonly string[], { prices }: Typed) =>
  kinds.filter(kind => (prices[kind] ?? '') !== '').length;

function changeOf(typed: Typed) {
  const { provider, model, region, mode, currency, from, to, prices, tiers, contextTiers, mostIn, mostOut } =
    typed;
  const ofTiers = Object.entries(tiers).map(([tier, of]) => [tier, filledIn(of)] as const);
  return {
    action: 'set' as const,
    provider,
    model,
    region,
    mode,
    currency,
    prices: filledIn(prices),
    tiers: filledTiers(contextTiers),
    service_tiers: Object.fromEntries(ofTiers.filter(([, of]) => Object.keys(of).length > 0)),
    max_input_tokens: mostIn === '' ? null : Number(mostIn),
    max_output_tokens: mostOut === '' ? null : Number(mostOut),
    valid_from: from || null,
    valid_to: to || null,
  };
}
