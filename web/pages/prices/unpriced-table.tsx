import type { ReactNode } from 'react';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { unpricedModels } from '#contract/price.ts';
import { dayTime, exact, viewerZone } from '../../clock.ts';
import type { UnpricedModel } from '../../data/unpriced.ts';
import { format, MISSING } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';

interface Column {
  label: string;
  explained: string;
  cell: (model: UnpricedModel) => ReactNode;
}

const when = (iso: string) => {
  const ms = Date.parse(iso);
  return <span title={exact(ms, viewerZone())}>{dayTime(ms, viewerZone())}</span>;
};

const COLUMNS: Column[] = [
  { label: 'Calls', explained: 'Without a price', cell: model => format.count(model.calls) },
  { label: 'Tokens', explained: 'Of these calls', cell: model => format.count(model.tokens) },
  {
    label: 'Share',
    explained: 'Of the tokens of all calls',
    cell: model => format.percent(model.token_share),
  },
  { label: 'First seen', explained: 'In these 30 days', cell: model => when(model.first_seen) },
  { label: 'Last seen', explained: 'In these 30 days', cell: model => when(model.last_seen) },
  {
    label: 'At least',
    explained: 'What is known of their cost',
    cell: model => format.usd(model.low_usd),
  },
  {
    label: 'At most',
    explained: 'Where an upper bound is known',
    cell: model =>
      model.high_usd === null ? (
        <span title="Nothing limits what they cost">{MISSING}</span>
      ) : (
        <>
          {format.usd(model.high_usd)}
          {model.unbounded_calls > 0 && (
            <span className="text-muted" title={`${format.full(model.unbounded_calls)} calls have no bound`}>
              {' '}
              or more
            </span>
          )}
        </>
      ),
  },
];

interface UnpricedTableProps {
  query: Asked<ReplyOf<typeof unpricedModels>>;
  onAdd: (model: UnpricedModel) => void;
}

/** Models with calls whose cost is not known, most tokens first. */
export function UnpricedTable({ query, onAdd }: UnpricedTableProps) {
  return (
    <Panel
      title="Calls of the last 30 days without a price"
      what="the models without a price"
      query={query}
      height={160}
      empty={data => (data.models.length === 0 ? <Note title="Every call has a price." /> : null)}
    >
      {({ models }) => (
        <>
          <table className="mt-1 w-full max-lg:hidden">
            <thead>
              <tr className="text-label text-muted">
                <th scope="col" className="h-8 px-4 text-left">
                  Model
                </th>
                {COLUMNS.map(({ label, explained }) => (
                  <th
                    key={label}
                    scope="col"
                    title={explained}
                    className="h-8 pl-4 text-right whitespace-nowrap"
                  >
                    {label}
                  </th>
                ))}
                <td className="w-40" />
              </tr>
            </thead>
            <tbody>
              {models.map(model => (
                <tr
                  key={`${model.provider}\n${model.model}`}
                  className="border-t border-line hover:bg-surface"
                >
                  <th scope="row" className="h-10 max-w-72 px-4 text-left font-normal">
                    <ModelName model={model} />
                  </th>
                  {COLUMNS.map(({ label, cell }) => (
                    <td key={label} className="h-10 pl-4 text-right whitespace-nowrap">
                      {cell(model)}
                    </td>
                  ))}
                  <td className="h-10 px-4 text-right">
                    <Add model={model} onAdd={onAdd} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <ul className="mt-1 lg:hidden">
            {models.map(model => (
              <li key={`${model.provider}\n${model.model}`} className="border-t border-line px-4 py-3">
                <div className="flex items-center justify-between gap-2">
                  <ModelName model={model} />
                  <Add model={model} onAdd={onAdd} />
                </div>
                <dl className="mt-1 grid grid-cols-2 gap-x-4 gap-y-1 md:grid-cols-4">
                  {COLUMNS.map(({ label, cell }) => (
                    <div key={label}>
                      <dt className="text-label text-muted">{label}</dt>
                      <dd>{cell(model)}</dd>
                    </div>
                  ))}
                </dl>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function ModelName({ model }: { model: UnpricedModel }) {
  return (
    <span className="min-w-0">
      <span className="font-semibold break-words">{model.model || model.request_model || '(no model)'}</span>{' '}
      <span className="text-label text-muted">{model.provider || 'no provider'}</span>
    </span>
  );
}

function Add({ model, onAdd }: { model: UnpricedModel; onAdd: (model: UnpricedModel) => void }) {
  if (model.has_price)
    return (
      <span
        className="text-label text-muted"
        title="The book has a price. The calls did not say all it needs, or came before it and are not repriced."
      >
        has a price
      </span>
    );
  return (
    <Button onClick={() => onAdd(model)} aria-label={`Add price for ${model.model || model.request_model}`}>
      Add price
    </Button>
  );
}
