import { chosenSums, ledgerFor } from './spend-projection.ts';

const dayMs = 86_400_000;

/** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
export interface SpendRange {
  fromMs: number;
  toMs: number;
}

export interface RangeSums {
  /** SQL of the dimensions, each a column or with its alias; `entry` may be one of them. */
  keys: readonly string[];
  /** Columns that are added up. `booked` is the cost at which calls were first booked. */
  numbers: readonly string[];
  /** Begins with AND, or is empty. */
  filter: string;
}

/** A piece of time with what it counts for: it is added to the sums of a range (1), or taken away (-1). */
interface Piece extends SpendRange {
  effects: (readonly [range: number, sign: number])[];
}

/**
 * SQL: `sums` of `spend_15m` over ranges, an array in the order of `numbers`, by `keys` and `range_`, the place of the range among
 * `ranges`, which may overlap. Rows of one key may be several, to be added up (`sumForEach(sums)`): whole days of UTC come from the
 * engine's sums of days, and what lies between the bounds and the midnights nearest to them is added, or taken away. Asked with
 * `mayChoose`; its parameter is `project`.
 */
export function sumsOfRanges(ranges: readonly SpendRange[], sums: RangeSums): string {
  return partsOfRanges(ranges, sums).join(' UNION ALL ');
}

/** The same in parts that may be asked for at once: of the days, and of the ends. */
export function partsOfRanges(ranges: readonly SpendRange[], sums: RangeSums): string[] {
  const days = piecesOf(ranges.map((range, at) => ({ ...wholeDays(range), effects: [[at, 1]] })));
  const ends = piecesOf(ranges.flatMap((range, at) => endsOf(range, at)));
  // Of no time at all there is nothing, in the same columns.
  const nothing: Piece[] = [{ fromMs: 0, toMs: 0, effects: [[0, 1]] }];
  return [
    ...(days.length || ends.length === 0 ? [sumsOfPieces('day', days.length ? days : nothing, sums)] : []),
    ...(ends.length ? [sumsOfPieces('quarter', ends, sums)] : []),
  ];
}

function sumsOfPieces(
  unit: 'day' | 'quarter',
  pieces: readonly Piece[],
  { keys, numbers, filter }: RangeSums,
): string {
  const isIn = ({ fromMs, toMs }: SpendRange) =>
    unit === 'day'
      ? `toYYYYMMDD(bucket) >= ${dayOf(fromMs)} AND toYYYYMMDD(bucket) < ${dayOf(toMs)}`
      : `bucket >= toDateTime(${fromMs / 1000}, 'UTC') AND bucket < toDateTime(${toMs / 1000}, 'UTC')`;
  const { by, sum } = summedBy(unit, keys, numbers);
  const wanted = { unit, keys: [...by, filter], numbers };
  const source = `FROM ${ledgerFor(wanted)} WHERE project_id = {project:String} AND (${pieces.map(isIn).join(' OR ')}) ${filter}`;
  const chosen = chosenSums(wanted);
  const [only, ...more] = pieces.flatMap(({ effects }) => effects);
  // Once they are added up sums are one array: to plan a column for each of them at every level takes longer than to add them up.
  const all = `[${numbers.map(sum).join(', ')}]`;
  // Most often days are days of one range: the less there is to plan, the sooner the engine begins.
  if (only?.[1] === 1 && more.length === 0)
    return `
  SELECT ${[...keys, `${only[0]} AS range_`, `${all} AS sums`].join(', ')}
  ${source} GROUP BY ${[...by.map(aliasOf), 'range_'].join(', ')} ${chosen}`;
  const piece = `multiIf(${pieces.map((one, at) => `${isIn(one)}, ${at + 1}, `).join('')}0)`;
  const effects = pieces.map(
    ({ effects: of }) => `[${of.map(effect => `(${effect.join(', ')})`).join(', ')}]`,
  );
  // What a piece counts for is worked out on its sums, which are few.
  return `
  SELECT ${[...keys.map(aliasOf), 'effect.1 AS range_', 'arrayMap(x -> effect.2 * x, of_piece) AS sums'].join(', ')}
  FROM (
    SELECT ${[...by, `${piece} AS piece`, `${all} AS of_piece`].join(', ')}
    ${source} GROUP BY ${[...by.map(aliasOf), 'piece'].join(', ')} ${chosen}
  ) ARRAY JOIN [${effects.join(', ')}][piece] AS effect`;
}

/** SQL of one number of an array of sums. */
export const numberIn = (array: string, numbers: readonly string[], name: string): string =>
  `${array}[${numbers.indexOf(name) + 1}]`;

/** SQL of the sum of a number as the sums of quarters know it. */
export const sumOfLedger = (name: string): string =>
  name === 'booked' ? "sumIf(cost_nanos, entry = 'call')" : `sum(${name})`;

/** What has to be grouped by, and the SQL of a sum of a number: the engine's sums of days know what was booked by its entry. */
export function summedBy(unit: 'day' | 'quarter', keys: readonly string[], numbers: readonly string[]) {
  const hasEntry = keys.includes('entry');
  if (!hasEntry && (unit === 'quarter' || !numbers.includes('booked'))) return { by: keys, sum: sumOfLedger };
  return {
    by: hasEntry ? keys : [...keys, 'entry'],
    sum: (name: string) => (name === 'booked' ? "if(entry = 'call', sum(cost_nanos), 0)" : sumOfLedger(name)),
  };
}

export const aliasOf = (key: string) => /(?:^| AS )(\w+)$/.exec(key)?.[1] ?? key;
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');

/** From the midnight of UTC that is nearest to the start to the one nearest to the end. */
const wholeDays = ({ fromMs, toMs }: SpendRange): SpendRange => ({
  fromMs: Math.round(fromMs / dayMs) * dayMs,
  toMs: Math.round(toMs / dayMs) * dayMs,
});

/** What whole days lack of a range, and what they have too much. */
function endsOf(range: SpendRange, at: number): Piece[] {
  const { fromMs, toMs } = wholeDays(range);
  const between = (one: number, other: number): Piece => ({
    fromMs: Math.min(one, other),
    toMs: Math.max(one, other),
    effects: [[at, one < other ? 1 : -1]],
  });
  return [between(range.fromMs, fromMs), between(toMs, range.toMs)];
}

/** The same without overlaps: where several lie over each other their effects are added, and where these cancel out there is no piece. */
function piecesOf(given: readonly Piece[]): Piece[] {
  const bounds = [...new Set(given.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort(
    (one, other) => one - other,
  );
  return bounds.slice(1).flatMap((toMs, at) => {
    const fromMs = bounds[at]!;
    const signs = new Map<number, number>();
    for (const piece of given.filter(one => one.fromMs <= fromMs && one.toMs >= toMs))
      for (const [range, sign] of piece.effects) signs.set(range, (signs.get(range) ?? 0) + sign);
    const effects = [...signs].filter(([, sign]) => sign !== 0);
    return effects.length ? [{ fromMs, toMs, effects }] : [];
  });
}
