import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { AmountFields, type Amounts, filledIn, kindsOfTier } from './amounts.tsx';
import { TierCard } from './tier-card.tsx';
import { contextTierName, kindName } from './words.ts';

/** Prices of the whole request when its input, cache included, is above `threshold` tokens. */
export interface ContextTier {
  threshold: number;
  prices: Amounts;
}

interface ContextTiersProps {
  /** All kinds that the book knows. */
  kinds: readonly string[];
  /** The shortest first. */
  tiers: readonly ContextTier[];
  onTiers: (tiers: ContextTier[]) => void;
  /** The ordinary prices. */
  prices: Amounts;
}

/** What requests cost that are longer than the ordinary price is for. */
export function ContextTiers({ kinds, tiers, onTiers, prices }: ContextTiersProps) {
  const put = (tier: ContextTier) =>
    onTiers([...without(tiers, tier.threshold), tier].sort((a, b) => a.threshold - b.threshold));
  return (
    <Disclosure
      summary={`Long requests${tiers.length > 0 ? ` (${tiers.length})` : ''}`}
      open={tiers.length > 0}
    >
      <div className="mt-2 flex flex-col gap-4">
        {tiers.map(tier => {
          const name = contextTierName(tier.threshold);
          const cheaper = cheaperKinds(tier.prices, prices);
          return (
            <TierCard
              key={tier.threshold}
              name={name}
              onRemove={() => onTiers(without(tiers, tier.threshold))}
            >
              <AmountFields
                kinds={kindsOfTier(tier.prices, kinds)}
                of={`${name}: `}
                prices={tier.prices}
                onChange={changed => put({ ...tier, prices: changed })}
              />
              {cheaper.length > 0 && (
                <p role="status" className="mt-2 text-warning">
                  {cheaper.map(kindName).join(', ')}: below the ordinary price. A long request is never
                  cheaper by the token, so calls pay the ordinary price for it.
                </p>
              )}
            </TierCard>
          );
        })}
        <AddTier
          taken={tiers.map(({ threshold }) => threshold)}
          onAdd={threshold => put({ threshold, prices: {} })}
        />
        <p className="text-label text-muted">
          For the whole request once its input, cached tokens included, is above that many tokens. A kind that
          is left empty keeps its ordinary price.
        </p>
      </div>
    </Disclosure>
  );
}

/** Those with prices, as the book takes them. */
export const filledTiers = (tiers: readonly ContextTier[]): ContextTier[] =>
  tiers.flatMap(({ threshold, prices }) => {
    const filled = filledIn(prices);
    return Object.keys(filled).length > 0 ? [{ threshold, prices: filled }] : [];
  });

const without = (tiers: readonly ContextTier[], threshold: number) =>
  tiers.filter(tier => tier.threshold !== threshold);

const cheaperKinds = (tier: Amounts, ordinary: Amounts): string[] =>
  Object.entries(filledIn(tier))
    .filter(([kind, price]) => (ordinary[kind] ?? '') !== '' && Number(price) < Number(ordinary[kind]))
    .map(([kind]) => kind);

const COUNT = /^[1-9]\d{0,8}$/;

function AddTier({ taken, onAdd }: { taken: readonly number[]; onAdd: (threshold: number) => void }) {
  const [typed, setTyped] = useState('');
  const isCount = COUNT.test(typed);
  const isTaken = taken.includes(Number(typed));
  const error =
    typed === '' || (isCount && !isTaken)
      ? undefined
      : isTaken
        ? 'It has prices already'
        : 'A number such as 200000';
  return (
    <div className="flex flex-wrap items-end gap-2">
      <TextField
        label="Above how many input tokens"
        inputMode="numeric"
        placeholder="200000"
        className="flex-[1_1_180px]"
        value={typed}
        error={error}
        onChange={event => setTyped(event.target.value.replaceAll(/[\s,.]/g, ''))}
      />
      <Button
        disabled={!isCount || isTaken}
        onClick={() => {
          onAdd(Number(typed));
          setTyped('');
        }}
      >
        <Plus size={16} aria-hidden />
        Add length
      </Button>
    </div>
  );
}
