import { type SpendCause, spendCauses } from '#contract/spend.ts';
import type { SpendKind } from '#contract/spend-words.ts';
import type { SpendCell } from '#store/queries/spend-to-explain.ts';
import { shapley } from './shapley.ts';
import { shareOut } from './share-out.ts';

/** The change of one group between two ranges in nano-dollars; `causes` add up to `after - before` exactly. */
export interface Change {
  before: bigint;
  after: bigint;
  callsBefore: number;
  callsAfter: number;
  /** Calls without a price, of which no cost is known. */
  unpricedBefore: number;
  unpricedAfter: number;
  causes: Record<SpendCause, bigint>;
}

type Period = 0 | 1;

/** What takes part in the game, in the order of its bits; `other` is what the formula does not cover. */
const players = [
  'volume',
  'model_mix',
  'retries',
  'prompt_length',
  'cache_rate',
  'output_length',
  'pieces',
  'price',
  'unpriced',
] as const satisfies readonly SpendCause[];
type Player = (typeof players)[number];

const sides = {
  input: [
    'input',
    'cache_read',
    'cache_write',
    'cache_write_1h',
    'embedding',
    'input_audio',
    'cache_read_audio',
    'input_image',
  ],
  output: ['output', 'reasoning', 'output_audio', 'output_image'],
  pieces: ['image', 'search', 'rerank'],
} as const satisfies Record<string, readonly SpendKind[]>;
type Side = keyof typeof sides;

/** What a player decides of a side of a call: how much of it there is, and how it divides into kinds. */
const amounts: Record<Side, Player> = { input: 'prompt_length', output: 'output_length', pieces: 'pieces' };
const divisions: Record<Side, Player> = { input: 'cache_rate', output: 'output_length', pieces: 'pieces' };

/**
 * The cost of a group is
 *
 *   calls × Σ over models: share of the model × Σ over lines: share of the line × Σ over sides: units per call × coverage
 *         × Σ over kinds: share of the kind × price of a priced unit
 *
 * and every factor belongs to one cause. Which of them comes first would matter, so each gets its Shapley value; rounding goes where
 * it cuts most, so that the causes add up to the change to the nano-dollar. Where a factor is unknown in one range (a model that
 * was not called has no prompt length, a kind that was not used no price) it is taken to be as in the other.
 */
export function decompose(cells: readonly SpendCell[]): Change {
  const sum = (period: Period, of: (cell: SpendCell) => string) =>
    cells.reduce((all, cell) => (cell.period === period ? all + BigInt(of(cell)) : all), 0n);
  const before = sum(0, ({ cost }) => cost);
  const after = sum(1, ({ cost }) => cost);
  const calls: [number, number] = [Number(sum(0, cell => cell.calls)), Number(sum(1, cell => cell.calls))];
  const unpriced = both(period => Number(sum(period, cell => cell.unpriced_calls)));
  const covered = (period: Period) => sum(period, ({ nanos }) => kindSum(nanos).toString());
  const models = modelsOf(cells, calls);
  const values = shapley(players.length, worths(models, calls));
  const change = explained(covered(1) - covered(0), values, covered(0) + covered(1));
  const parts = shareOut(change, values);
  const causes = Object.fromEntries(spendCauses.map(cause => [cause, 0n])) as Record<SpendCause, bigint>;
  for (const [at, player] of players.entries()) causes[player] = parts[at]!;
  causes.other = after - before - change;
  return {
    ...{ before, after, callsBefore: calls[0], callsAfter: calls[1] },
    ...{ unpricedBefore: unpriced[0], unpricedAfter: unpriced[1], causes },
  };
}

/**
 * How much of a change the values explain: all of it but for what floating point cannot see, or what they add up to where the formula
 * does not hold (costs without calls: only the repricings were asked for).
 */
function explained(change: bigint, values: readonly number[], size: bigint): bigint {
  const modelled = BigInt(Math.round(values.reduce((sum, value) => sum + value, 0)));
  const missed = Math.abs(Number(change - modelled));
  return missed <= 1000 + Math.abs(Number(size)) * 1e-9 ? change : modelled;
}

/** Cells by what they have in common. */
export function groupBy(
  cells: readonly SpendCell[],
  keyOf: (cell: SpendCell) => string,
): Map<string, SpendCell[]> {
  const groups = new Map<string, SpendCell[]>();
  for (const cell of cells) {
    const group = groups.get(keyOf(cell));
    if (group) group.push(cell);
    else groups.set(keyOf(cell), [cell]);
  }
  return groups;
}

const kindSum = (of: Record<string, string>) =>
  Object.values(of).reduce((sum, n) => (n === '0' ? sum : sum + BigInt(n)), 0n);

interface Line {
  /** Share of the calls of its model. */
  share: [number, number];
  /** Share of the tokens that have a price. */
  coverage: [number, number];
  sides: Record<Side, { perCall: [number, number]; kinds: Kind[] }>;
}

interface Kind {
  share: [number, number];
  /** Nano-dollars per priced unit. */
  price: [number, number];
}

interface Model {
  /** Share of the calls of the group. */
  share: [number, number];
  lines: Line[];
}

function modelsOf(cells: readonly SpendCell[], calls: readonly [number, number]): Model[] {
  // Judging others is another use of a model, not another fate of a call.
  const nameOf = ({ provider, model, line }: SpendCell) =>
    JSON.stringify([provider, model, line === 'evaluation']);
  const groups = groupBy(cells, nameOf);
  return [...groups.values()].map(group => {
    const ofModel = both(period => total(group, period, cell => cell.calls));
    const lines = groupBy(group, ({ line }) => line);
    return {
      share: known(period => ratio(ofModel[period]!, calls[period]!)),
      lines: [...lines.values()].map(cellsOfLine => lineOf(cellsOfLine, ofModel)),
    };
  });
}

function lineOf(cells: readonly SpendCell[], ofModel: readonly [number, number]): Line {
  const calls = both(period => total(cells, period, cell => cell.calls));
  const coverage = known(period => {
    const tokens = total(cells, period, cell => cell.tokens);
    return ratio(tokens - total(cells, period, cell => cell.unpriced_tokens), tokens);
  }, 1);
  return {
    share: known(period => ratio(calls[period]!, ofModel[period]!)),
    coverage,
    // Pieces are paid for without being counted in tokens.
    sides: {
      input: sideOf(cells, 'input', calls, coverage),
      output: sideOf(cells, 'output', calls, coverage),
      pieces: sideOf(cells, 'pieces', calls, [1, 1]),
    },
  };
}

function sideOf(
  cells: readonly SpendCell[],
  side: Side,
  calls: readonly [number, number],
  coverage: readonly [number, number],
): Line['sides'][Side] {
  const units = sides[side].map(kind => both(period => total(cells, period, cell => cell.units[kind])));
  const ofSide = both(period => units.reduce((sum, of) => sum + of[period]!, 0));
  const kinds = sides[side].flatMap((kind, at): Kind[] => {
    const of = units[at]!;
    // Most calls have few of the kinds; one that neither range has costs nothing in any coalition.
    if (of[0] === 0 && of[1] === 0) return [];
    const nanos = both(period => total(cells, period, cell => cell.nanos[kind]));
    return [
      {
        share: known(period => ratio(of[period]!, ofSide[period]!)),
        price: known(period => ratio(nanos[period]!, of[period]! * coverage[period]!)),
      },
    ];
  });
  const perCall = known(period => ratio(ofSide[period]!, calls[period]!));
  return { perCall, kinds };
}

function total(cells: readonly SpendCell[], period: Period, of: (cell: SpendCell) => string): number {
  return cells.reduce((sum, cell) => (cell.period === period ? sum + Number(of(cell)) : sum), 0);
}

const ratio = (over: number, under: number) => (under === 0 ? Number.NaN : over / under);

const both = (of: (period: Period) => number): [number, number] => [of(0), of(1)];

/** A value that one range cannot tell is that of the other, and `otherwise` when neither can. */
function known(of: (period: Period) => number, otherwise = 0): [number, number] {
  const [before, after] = both(of);
  const first = (...values: number[]) => values.find(Number.isFinite) ?? otherwise;
  return [first(before, after), first(after, before)];
}

/**
 * Tells the cost when the factors of the players in a coalition are as after and the others as before. Each side of a call knows only
 * some of the players, and much the same of them for every line: its cost is worked out once for each choice of those.
 */
function worths(models: readonly Model[], calls: readonly [number, number]): (coalition: number) => number {
  const tables = (Object.keys(sides) as Side[]).map(side => {
    const knows = [
      ...new Set([...ofEverySide, ...(side === 'pieces' ? [] : ofTokens), amounts[side], divisions[side]]),
    ];
    const costs = Array.from({ length: 1 << knows.length }, (_, choice) =>
      costOfSide(models, side, player => ((choice >> knows.indexOf(player)) & 1) as Period),
    );
    return { costs, bits: knows.map(player => players.indexOf(player)) };
  });
  const volume = players.indexOf('volume');
  return coalition => {
    let sum = 0;
    for (const { costs, bits } of tables) {
      let choice = 0;
      for (let at = 0; at < bits.length; at += 1) choice |= ((coalition >> bits[at]!) & 1) << at;
      sum += costs[choice]!;
    }
    return sum * calls[((coalition >> volume) & 1) as Period];
  };
}

const ofEverySide: readonly Player[] = ['model_mix', 'retries', 'price'];
const ofTokens: readonly Player[] = ['unpriced'];

/** Of one side of an average call of the group. */
function costOfSide(models: readonly Model[], side: Side, at: (player: Player) => Period): number {
  const [mix, retries, price, unpriced] = [at('model_mix'), at('retries'), at('price'), at('unpriced')];
  const [amount, division] = [at(amounts[side]), at(divisions[side])];
  let sum = 0;
  for (const { share: ofModel, lines } of models) {
    for (const { share: ofLine, coverage, sides: of } of lines) {
      const { perCall, kinds } = of[side];
      let unit = 0;
      for (const kind of kinds) unit += kind.share[division] * kind.price[price];
      const covered = side === 'pieces' ? 1 : coverage[unpriced];
      sum += ofModel[mix] * ofLine[retries] * perCall[amount] * unit * covered;
    }
  }
  return sum;
}
