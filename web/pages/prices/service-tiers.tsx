import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { AmountFields, type Amounts, kindsOfTier } from './amounts.tsx';
import { TierCard } from './tier-card.tsx';
import { batchKinds } from './words.ts';

/** Prices by the name of the tier, as calls say it: `flex`. */
export type TierPrices = Record<string, Amounts>;

const BATCH = 'batch';
const OTHER = 'other';
const known = [
  { value: 'flex', label: 'Flex' },
  { value: 'priority', label: 'Priority' },
  { value: 'scale', label: 'Scale' },
  { value: BATCH, label: 'Batch' },
  { value: OTHER, label: 'Another one' },
] as const;
type Known = (typeof known)[number]['value'];

interface ServiceTiersProps {
  /** All kinds that the book knows. */
  kinds: readonly string[];
  tiers: TierPrices;
  onTiers: (tiers: TierPrices) => void;
  /** The ordinary prices, which the batch prices are kept with. */
  prices: Amounts;
  onPrices: (prices: Amounts) => void;
}

/** What calls cost that were made in another service tier than the ordinary one, or in a batch. */
export function ServiceTiers({ kinds, tiers, onTiers, prices, onPrices }: ServiceTiersProps) {
  const [isBatch, setIsBatch] = useState(batchKinds.some(kind => (prices[kind] ?? '') !== ''));
  const count = Object.keys(tiers).length + (isBatch ? 1 : 0);
  const without = (tier: string) =>
    Object.fromEntries(Object.entries(tiers).filter(([name]) => name !== tier));
  return (
    <Disclosure summary={`Service tiers and batch${count > 0 ? ` (${count})` : ''}`} open={count > 0}>
      <div className="mt-2 flex flex-col gap-4">
        {Object.entries(tiers).map(([tier, of]) => (
          <TierCard key={tier} name={tier} onRemove={() => onTiers(without(tier))}>
            <AmountFields
              kinds={kindsOfTier(of, kinds)}
              of={`${tier}: `}
              prices={of}
              onChange={changed => onTiers({ ...tiers, [tier]: changed })}
            />
          </TierCard>
        ))}
        {isBatch && (
          <TierCard
            name={BATCH}
            onRemove={() => {
              setIsBatch(false);
              onPrices({ ...prices, ...Object.fromEntries(batchKinds.map(kind => [kind, ''])) });
            }}
          >
            <AmountFields kinds={batchKinds} of={`${BATCH}: `} prices={prices} onChange={onPrices} />
          </TierCard>
        )}
        <AddTier
          taken={[...Object.keys(tiers), ...(isBatch ? [BATCH] : [])]}
          onAdd={tier => (tier === BATCH ? setIsBatch(true) : onTiers({ ...tiers, [tier]: {} }))}
        />
        <p className="text-label text-muted">
          Per million tokens. A kind that is left empty keeps its ordinary price. Calls in a tier without
          prices here have bounds around their cost.
        </p>
      </div>
    </Disclosure>
  );
}

function AddTier({ taken, onAdd }: { taken: readonly string[]; onAdd: (tier: string) => void }) {
  const free = known.filter(({ value }) => !taken.includes(value));
  const [chosen, setChosen] = useState<Known>('flex');
  const [typed, setTyped] = useState('');
  const value = free.some(option => option.value === chosen) ? chosen : (free[0]?.value ?? OTHER);
  // Calls are compared in lower case.
  const tier = value === OTHER ? typed.trim().toLowerCase() : value;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Select label="Service tier" value={value} options={free} onChange={setChosen} />
      {value === OTHER && (
        <TextField
          label="Name of the tier"
          quietLabel
          placeholder="as calls name it"
          maxLength={100}
          className="flex-[1_1_140px]"
          value={typed}
          onChange={event => setTyped(event.target.value)}
        />
      )}
      <Button
        disabled={tier === '' || taken.includes(tier)}
        onClick={() => {
          onAdd(tier);
          setTyped('');
        }}
      >
        <Plus size={16} aria-hidden />
        Add tier
      </Button>
    </div>
  );
}
