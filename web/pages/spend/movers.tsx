import { useMemo } from 'react';
import type { SpendChange } from '#contract/spend.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import { type Explained, type Spend, useExplained, useSpend } from '../../data/spend.ts';
import { exactUsd, nanosOf, signedUsd } from '../../money.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { partlyKnown, previousWords } from './header-words.ts';
import { callsByModel, isUnpriced, reasonWords, type Side, unpricedWords } from './reasons.ts';
import { unitsByGroup } from './rows.ts';
import type { SpendView } from './use-spend-view.ts';
import { isDimension, narrowed, writeWhere } from './where.ts';
import { valueLabel } from './words.ts';

const SHOWN = 4;

interface MoversProps {
  view: SpendView;
  onOpen: (key: string) => void;
}

/** What changed most against the month before, and why. */
export function Movers({ view, onOpen }: MoversProps) {
  const by = isDimension(view.by) ? view.by : 'feature';
  const { previous, range, where } = view;
  const query = useExplained({
    ...range,
    against_from: previous.from,
    against_to: previous.to,
    where,
    by,
    limit: 50,
  });
  const rows = (query.data?.rows ?? []).filter(one => nanosOf(one.change_usd) !== 0n).slice(0, SHOWN);
  const sides = useSides(
    view,
    by,
    rows.map(({ key }) => key),
  );
  return (
    <Panel
      title={`Movers against ${previousWords(view)}`}
      what="what changed"
      query={query}
      height={56}
      className="mb-4"
      empty={data => nothing(data, view)}
    >
      {() => (
        <ul className="grid gap-x-6 px-2 pb-2 md:grid-cols-2 xl:grid-cols-4">
          {rows.map(row => (
            <li key={row.key} className="min-w-0">
              <Mover row={row} by={by} reason={sides && reasonOf(row, sides)} onOpen={onOpen} view={view} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function nothing({ total, rows }: Explained, view: SpendView) {
  if (total.calls_before === 0)
    return <Note title={`Nothing to compare with: no calls in ${previousWords(view)}.`} />;
  const partly = partlyKnown(view);
  if (partly) return <Note title={`Nothing to compare with: ${partly}.`} />;
  if (rows.some(row => nanosOf(row.change_usd) !== 0n)) return null;
  const { unpriced_before, unpriced_after } = total;
  return (
    <Note
      title={
        unpriced_before + unpriced_after === 0
          ? 'Nothing changed.'
          : `Nothing changed in what has a price; ${unpricedWords(total)}.`
      }
    />
  );
}

interface MoverProps {
  row: SpendChange & { key: string };
  by: SpendDimension;
  reason: string | null;
  view: SpendView;
  onOpen: (key: string) => void;
}

function Mover({ row, by, reason, view, onOpen }: MoverProps) {
  const can = isDimension(view.by);
  return (
    <button
      type="button"
      disabled={!can}
      onClick={() => onOpen(row.key)}
      className="block w-full rounded-control px-2 py-1 text-left enabled:hover:bg-surface disabled:cursor-default pointer-coarse:min-h-11"
      title={`${known(row.before_usd, row.unpriced_before)} → ${known(row.after_usd, row.unpriced_after)}`}
    >
      <span className="flex items-baseline justify-between gap-2">
        <span className="truncate">{valueLabel(by, row.key)}</span>
        <span className="font-semibold whitespace-nowrap">{signedUsd(row.change_usd)}</span>
      </span>
      <span className="block truncate text-label text-muted" title={reason ?? undefined}>
        {reason || '\u00a0'}
      </span>
    </button>
  );
}

const known = (usd: string, unpricedCalls: number) =>
  isUnpriced(usd, unpricedCalls) ? 'unpriced' : exactUsd(usd);

interface Sides {
  before: (key: string) => Side;
  after: (key: string) => Side;
}

const reasonOf = (row: SpendChange & { key: string }, sides: Sides) =>
  reasonWords(row, sides.before(row.key), sides.after(row.key));

/** The figures behind the reasons: models and tokens of the movers in both months. */
function useSides(view: SpendView, by: SpendDimension, keys: readonly string[]): Sides | null {
  const where = writeWhere(narrowed(view.conditions, by, keys));
  const [now, before] = [view.range, { from: view.previous.from, to: view.previous.to }];
  const enabled = keys.length > 0;
  const models = {
    where,
    group_by: by === 'model' ? 'model' : `${by},model`,
    measures: 'calls',
    limit: 10_000,
  };
  const kinds = { where, group_by: `${by},kind`, measures: 'units', limit: 10_000 };
  const modelsNow = useSpend({ ...now, ...models }, enabled).data;
  const modelsBefore = useSpend({ ...before, ...models }, enabled).data;
  const kindsNow = useSpend({ ...now, ...kinds }, enabled).data;
  const kindsBefore = useSpend({ ...before, ...kinds }, enabled).data;
  return useMemo(() => {
    if (!modelsNow || !modelsBefore || !kindsNow || !kindsBefore) return null;
    return { before: sideOf(by, modelsBefore, kindsBefore), after: sideOf(by, modelsNow, kindsNow) };
  }, [by, modelsNow, modelsBefore, kindsNow, kindsBefore]);
}

function sideOf(by: SpendDimension, models: Spend, kinds: Spend) {
  const units = unitsByGroup(kinds.rows, by);
  return (key: string): Side => {
    const own = callsByModel(models.rows.filter(row => (row[by] ?? '') === key));
    return {
      models: own,
      units: units.get(key) ?? null,
      calls: [...own.values()].reduce((sum, calls) => sum + calls, 0),
    };
  };
}
