import type { BudgetState } from '#contract/budget.ts';
import { DAY_MS, toWall } from '../../clock.ts';

type Dot = [x: number, y: number];

export interface BurnDrawing {
  /** Cumulative spend, from the origin to where the ledger is known. */
  spent: Dot[];
  /** P10 to P90 of the coming days, there and back: a closed outline. */
  fan: Dot[];
  /** P50 of the coming days. */
  middle: Dot[];
  /** Height of the amount. */
  limitY: number;
  /** Where an even use of the amount would go. */
  pace: [Dot, Dot];
}

const dayNumber = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/**
 * The burn of a period in a box of `width` by `height` pixels, the origin at the top left. Null for periods of a day, which
 * have no course to draw.
 */
export function burnDrawing(
  state: Pick<BudgetState, 'burn' | 'fan' | 'from' | 'to' | 'elapsed'>,
  amountUsd: string,
  zone: string,
  width: number,
  height: number,
): BurnDrawing | null {
  const days = Math.round((Date.parse(state.to) - Date.parse(state.from)) / DAY_MS);
  if (days < 2) return null;
  const first = Math.floor(toWall(Date.parse(state.from), zone) / DAY_MS);
  const amount = Number(amountUsd);
  const highest = [
    amount,
    ...state.burn.map(({ usd }) => Number(usd)),
    ...state.fan.map(({ p90_usd }) => Number(p90_usd)),
  ];
  const top = Math.max(...highest) * 1.08 || 1;
  const y = (usd: number) => height - (height * usd) / top;
  // The end of a day; the last known one ends where time stands.
  const x = (date: string) => (width * (dayNumber(date) - first + 1)) / days;
  const nowX = width * Math.min(1, state.elapsed);
  const spent: Dot[] = [
    [0, y(0)],
    ...state.burn.map(({ date, usd }): Dot => [Math.min(x(date), Math.max(nowX, 0)), y(Number(usd))]),
  ];
  const end = spent.at(-1) as Dot;
  const coming = state.fan.filter(({ date }) => x(date) > end[0]);
  const along = (name: 'p10_usd' | 'p50_usd' | 'p90_usd') =>
    coming.map((one): Dot => [x(one.date), y(Number(one[name]))]);
  return {
    spent,
    fan: coming.length === 0 ? [] : [end, ...along('p90_usd'), ...along('p10_usd').reverse()],
    middle: coming.length === 0 ? [] : [end, ...along('p50_usd')],
    limitY: y(amount),
    pace: [
      [0, y(0)],
      [width, y(amount)],
    ],
  };
}

export const pathOf = (dots: readonly Dot[], closed = false) =>
  dots.length === 0
    ? ''
    : `M${dots.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}${closed ? 'Z' : ''}`;
