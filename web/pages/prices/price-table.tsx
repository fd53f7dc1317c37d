import { useState } from 'react';
import type { Price } from '#contract/price.ts';
import type { Prices, Series } from '../../data/prices.ts';
import { format, MISSING } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { holdsAt, kindName, mainKinds, priceText, termLines, validText } from './words.ts';

const SHOWN = 100;

type Which = 'now' | 'own' | 'all';
const WHICH: { value: Which; label: string }[] = [
  { value: 'now', label: 'Valid now' },
  { value: 'own', label: 'Own' },
  { value: 'all', label: 'Past and future' },
];

interface PriceTableProps {
  query: Asked<Prices>;
  search: string;
  onSearch: (text: string) => void;
  onOpen: (series: Series) => void;
}

/** The prices of every model; each row leads to its history. A table on a desk, cards on a phone. */
export function PriceTable({ query, search, onSearch, onOpen }: PriceTableProps) {
  const [which, setWhich] = useState<Which>('now');
  const [all, setAll] = useState(false);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-end gap-2">
        <TextField
          label="Search"
          quietLabel
          type="search"
          placeholder="Model, alias or provider"
          className="flex-[1_1_240px] md:max-w-80"
          value={search}
          onChange={event => onSearch(event.target.value)}
        />
        <Segmented label="Which prices" value={which} options={WHICH} onChange={setWhich} />
      </div>
      <Panel
        title="Models"
        what="the prices"
        query={query}
        height={320}
        empty={data =>
          wanted(data.prices, search, which).length === 0 ? (
            <Note title={search ? `No price matches "${search}".` : 'No such prices yet.'}>
              {search && <Button onClick={() => onSearch('')}>Clear the search</Button>}
            </Note>
          ) : null
        }
      >
        {({ prices }) => {
          const found = wanted(prices, search, which);
          const shown = all ? found : found.slice(0, SHOWN);
          return (
            <>
              <Table prices={shown} onOpen={onOpen} />
              <Cards prices={shown} onOpen={onOpen} />
              {shown.length < found.length && (
                <Button look="quiet" className="m-2" onClick={() => setAll(true)}>
                  Show all {format.full(found.length)}
                </Button>
              )}
            </>
          );
        }}
      </Panel>
    </>
  );
}

function wanted(prices: readonly Price[], search: string, which: Which): Price[] {
  const text = search.trim().toLowerCase();
  const now = Date.now();
  return prices.filter(
    price =>
      (which === 'all' || (which === 'own' ? price.own : holdsAt(price, now))) &&
      [price.provider, price.model, price.region, ...price.aliases].some(word =>
        word.toLowerCase().includes(text),
      ),
  );
}

interface RowsProps {
  prices: readonly Price[];
  onOpen: (series: Series) => void;
}

function Table({ prices, onOpen }: RowsProps) {
  const head = 'h-8 pl-4 text-right whitespace-nowrap';
  return (
    <table className="mt-1 w-full max-lg:hidden">
      <thead>
        <tr className="text-label text-muted">
          <th scope="col" className="h-8 px-4 text-left">
            Model
          </th>
          {mainKinds.map(kind => (
            <th key={kind} scope="col" className={head}>
              {kindName(kind)}
            </th>
          ))}
          <th scope="col" className={head}>
            More
          </th>
          <th scope="col" className="h-8 pl-6 text-left">
            Valid
          </th>
          <th scope="col" className="h-8 px-4 text-left">
            Source
          </th>
        </tr>
      </thead>
      <tbody>
        {prices.map(price => (
          <tr key={`${price.price_id} ${price.valid_from}`} className="border-t border-line hover:bg-surface">
            <th scope="row" className="h-10 max-w-72 px-4 text-left font-normal pointer-coarse:h-11">
              <Name price={price} onOpen={onOpen} />
            </th>
            {mainKinds.map(kind => (
              <td key={kind} className="h-10 pl-4 text-right whitespace-nowrap">
                <Amount price={price} kind={kind} />
              </td>
            ))}
            <td className="h-10 pl-4 text-right whitespace-nowrap text-muted">
              <More price={price} />
            </td>
            <td className="h-10 pl-6 whitespace-nowrap">{validText(price)}</td>
            <td className="h-10 max-w-64 px-4 text-muted">
              <span className="block truncate" title={price.source}>
                {price.source.replace(/^price list: /, '')}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cards({ prices, onOpen }: RowsProps) {
  return (
    <ul className="mt-1 lg:hidden">
      {prices.map(price => (
        <li key={`${price.price_id} ${price.valid_from}`} className="border-t border-line px-4 py-3">
          <Name price={price} onOpen={onOpen} />
          <dl className="mt-1 grid grid-cols-2 gap-x-4 gap-y-1 md:grid-cols-4">
            {mainKinds.map(kind => (
              <div key={kind}>
                <dt className="text-label text-muted">{kindName(kind)}</dt>
                <dd>
                  <Amount price={price} kind={kind} />
                </dd>
              </div>
            ))}
          </dl>
          <p className="mt-1 text-label text-muted">
            Valid {validText(price)}. <More price={price} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function Name({ price, onOpen }: { price: Price; onOpen: (series: Series) => void }) {
  return (
    <div className="flex min-w-0 items-baseline gap-2">
      <button
        type="button"
        onClick={() => onOpen(price)}
        className="min-w-0 cursor-pointer truncate rounded-control text-left font-semibold hover:underline pointer-coarse:min-h-11"
        title={price.aliases.length > 0 ? `also ${price.aliases.join(', ')}` : undefined}
      >
        {price.model}
      </button>
      <span className="shrink-0 text-label text-muted">
        {price.provider}
        {price.region && `, ${price.region}`}
      </span>
      {price.own && <Own />}
    </div>
  );
}

export const Own = () => (
  <span className="shrink-0 rounded-control border border-accent px-1 text-label text-accent">own</span>
);

function Amount({ price, kind }: { price: Price; kind: string }) {
  const amount = price.prices[kind];
  if (amount === undefined)
    return (
      <span className="text-muted" title="No price of its own">
        {MISSING}
      </span>
    );
  return priceText(amount, price.currency);
}

/** The kinds and tiers without a column, counted; the title says them. */
function More({ price }: { price: Price }) {
  const main = new Set<string>(mainKinds);
  const rest = Object.fromEntries(Object.entries(price.prices).filter(([kind]) => !main.has(kind)));
  const lines = termLines({ ...price, prices: rest });
  if (lines.length === 0) return null;
  return (
    <span title={lines.map(({ label, value }) => `${label} ${value}`).join('\n')}>
      {lines.length} more {lines.length === 1 ? 'price' : 'prices'}
    </span>
  );
}
