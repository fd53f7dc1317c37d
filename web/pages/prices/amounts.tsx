import { TextField } from '../../ui/text-field.tsx';
import { kindName, kindUnit, mainKinds } from './words.ts';

const DECIMAL = /^\d{1,12}(\.\d{1,12})?$/;

export type Amounts = Record<string, string>;

interface AmountFieldsProps {
  kinds: readonly string[];
  prices: Amounts;
  onChange: (prices: Amounts) => void;
  /**
   * What their names begin with, where a form has fields of a kind more than once: `flex: `. Eyes read it above the fields, and are told the
   * unit once.
   */
  of?: string;
}

/** A price for each kind; an empty one is none. */
export function AmountFields({ kinds, prices, onChange, of = '' }: AmountFieldsProps) {
  return (
    <div className="grid grid-cols-2 items-end gap-3">
      {kinds.map(kind => {
        const value = prices[kind] ?? '';
        const label = `${kindName(kind)}${kindUnit(kind) === 'each' ? '' : ', per million'}`;
        return (
          <TextField
            key={kind}
            label={of ? kindName(kind) : label}
            aria-label={of ? `${of}${label}` : undefined}
            inputMode="decimal"
            value={value}
            error={value !== '' && !DECIMAL.test(value) ? 'A number such as 0.075' : undefined}
            onChange={event => onChange({ ...prices, [kind]: event.target.value.trim() })}
          />
        );
      })}
    </div>
  );
}

/** Of a tier: the main kinds and those that have a price already. */
export const kindsOfTier = (prices: Amounts, kinds: readonly string[]) =>
  kinds.filter(kind => mainKinds.some(main => main === kind) || kind in prices);

/** Those that were typed in. */
export const filledIn = (prices: Amounts): Amounts =>
  Object.fromEntries(Object.entries(prices).filter(([, value]) => value !== ''));

export const isBad = (prices: Amounts): boolean =>
  Object.values(filledIn(prices)).some(value => !DECIMAL.test(value));
