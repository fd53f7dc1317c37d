import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import type { PriceDifference, PricePreview } from '#contract/price.ts';
import { format } from '../../format.ts';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { Own } from './price-table.tsx';
import { differenceWords, fieldName, fieldRank, validText } from './words.ts';

const SHOWN = 20;

/** What changes, price by price and kind by kind, and which rows of a file could not be read. */
export function Differences({ preview }: { preview: PricePreview }) {
  const [all, setAll] = useState(false);
  const { differences, problems, counts } = preview;
  const shown = all ? differences : differences.slice(0, SHOWN);
  return (
    <div className="flex flex-col gap-3">
      <p className="flex flex-wrap gap-x-3">
        <Count n={counts.new} word="new" />
        <Count n={counts.changed} word="changed" />
        <Count n={counts.ended} word="ended" />
        {counts.alias > 0 && <Count n={counts.alias} word={counts.alias === 1 ? 'name' : 'names'} />}
        <Count n={counts.unchanged} word="unchanged" />
        {counts.kept > 0 && <Count n={counts.kept} word="own, kept" />}
      </p>
      {problems.length > 0 && (
        <div role="alert" className="rounded-card border border-critical p-3">
          <p className="flex items-center gap-2 font-semibold">
            <StatusIcon status="critical" />
            {problems.length === 1 ? 'One row' : `${format.full(problems.length)} rows`} cannot be taken
          </p>
          <ul className="mt-1">
            {problems.slice(0, SHOWN).map(({ line, what }) => (
              <li key={`${line} ${what}`} className="break-words">
                {line !== null && <span className="font-semibold">Line {line}: </span>}
                {what}
              </li>
            ))}
          </ul>
          {problems.length > SHOWN && (
            <p className="text-muted">and {format.full(problems.length - SHOWN)} more</p>
          )}
        </div>
      )}
      {differences.length > 0 && (
        <ul aria-label="Changes of prices" className="rounded-card border border-line">
          <li className="px-3 py-1 text-label text-muted">
            Prices are per million tokens; of pictures, searches and rerank units each.
          </li>
          {shown.map(difference => (
            <Difference key={keyOf(difference)} difference={difference} />
          ))}
        </ul>
      )}
      {shown.length < differences.length && (
        <Button look="quiet" onClick={() => setAll(true)}>
          Show all {format.full(differences.length)} changes
        </Button>
      )}
    </div>
  );
}

const keyOf = ({ provider, model, region, valid_from, fields }: PriceDifference) =>
  [provider, model, region, valid_from, fields[0]?.after].join('\n');

const Count = ({ n, word }: { n: number; word: string }) => (
  <span className={n > 0 ? 'font-semibold' : 'text-muted'}>
    {format.full(n)} {word}
  </span>
);

function Difference({ difference }: { difference: PriceDifference }) {
  const { kind, provider, model, region, own, fields } = difference;
  return (
    <li className="border-t border-line px-3 py-2 first:border-t-0">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-label text-muted">{differenceWords[kind]}</span>
        <span className="font-semibold break-words">{model}</span>
        <span className="text-label text-muted">
          {provider}
          {region && `, ${region}`}
          {kind !== 'alias' && `, ${validText(difference)}`}
        </span>
        {own && <Own />}
      </p>
      <ul className="mt-0.5 flex flex-wrap gap-x-4">
        {fields
          .filter(({ field }) => kind === 'changed' || (field !== 'mode' && field !== 'currency'))
          .sort((a, b) => fieldRank(a.field) - fieldRank(b.field))
          .map(({ field, before, after }) => (
            <li key={field} className="flex flex-wrap items-center gap-1">
              <span className="text-muted">{fieldName(field)}</span>
              {before !== null && <span className={after === null ? 'line-through' : ''}>{before}</span>}
              {before !== null && after !== null && (
                <>
                  <ArrowRight size={12} aria-hidden />
                  <span className="sr-only">becomes</span>
                </>
              )}
              {after !== null && <span className="font-semibold">{after}</span>}
              {after === null && <span className="sr-only">no longer</span>}
            </li>
          ))}
      </ul>
    </li>
  );
}
