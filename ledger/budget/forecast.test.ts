import { expect, test } from 'vitest';
import { backTest, families, history } from './back-test.ts';
import { addDays } from './calendar.ts';
import { forecastPeriod } from './forecast.ts';

const flat = (days: number, usd = 10) =>
  Array.from({ length: days }, (_, index) => ({
    date: addDays('2026-11-21', index - days),
    usd,
    beforeUsd: usd / 2,
  }));

const half = { today: { date: '2026-11-21', usd: 5 }, daysLeft: 9, spentUsd: 205, amountUsd: 290 };

test('the 80 % band covers about 80 % over every kind of history', () => {
  const results = families.flatMap(family => backTest(family, { seeds: 3, everyDays: 61 }));
  const share = (some: typeof results) =>
    some.reduce((sum, { inside }) => sum + inside, 0) / some.reduce((sum, { n }) => sum + n, 0);
  expect(share(results)).toBeGreaterThan(0.75);
  expect(share(results)).toBeLessThan(0.87);
  for (const family of families.filter(name => name !== 'young')) {
    expect(share(results.filter(result => result.family === family)), family).toBeGreaterThan(0.62);
  }
});

test('constant spend is forecast as it is, with the day of the breach', () => {
  const forecast = forecastPeriod({ ...half, history: flat(90) })!;
  // 205 so far, half a day and nine days of ten to come.
  expect(forecast.total.p50).toBeCloseTo(300, -0.5);
  expect(forecast.total.p10).toBeLessThanOrEqual(forecast.total.p50);
  expect(forecast.total.p90).toBeGreaterThanOrEqual(forecast.total.p50);
  expect(forecast).toMatchObject({ quality: 'normal', days: 90, breach: { date: '2026-11-30' } });
  expect(forecast.breach.probability).toBeGreaterThan(0.9);
  expect(forecast.fan).toHaveLength(10);
  const ends = forecast.fan.map(({ p50 }) => p50);
  expect(ends).toEqual([...ends].sort((one, other) => one - other));
});

test('few days of history: it says so, and the band is wide', () => {
  const short = forecastPeriod({ ...half, history: flat(3) })!;
  const long = forecastPeriod({ ...half, history: flat(90) })!;
  expect(short.quality).toBe('thin');
  const width = ({ total }: typeof short) => total.p90 - total.p10;
  expect(width(short)).toBeGreaterThan(4 * width(long));
  expect(forecastPeriod({ ...half, history: [] })?.total.p50).toBeGreaterThan(205);
});

test('no spend at all makes no forecast; spend that stopped does', () => {
  expect(forecastPeriod({ ...half, history: [], today: { date: '2026-11-21', usd: 0 } })).toBeNull();
  expect(forecastPeriod({ ...half, history: flat(40, 0), today: { date: '2026-11-21', usd: 0 } })).toBeNull();
  const stopped = forecastPeriod({
    ...half,
    history: [...flat(100).slice(0, 40), ...flat(60, 0)],
    today: { date: '2026-11-21', usd: 0 },
  })!;
  expect(stopped.total.p50).toBeLessThan(206);
  expect(Number.isFinite(stopped.total.p90)).toBe(true);
});

test('what is over the amount already is a certain breach', () => {
  const over = forecastPeriod({ ...half, history: flat(30), amountUsd: 100 })!;
  expect(over.breach).toEqual({ probability: 1, date: '2026-11-21' });
});

test('a jump of the level is followed within days', () => {
  const jumped = [...flat(90).slice(0, 86), ...flat(4, 40)];
  const { total } = forecastPeriod({ ...half, history: jumped, today: { date: '2026-11-21', usd: 20 } })!;
  expect(total.p90).toBeGreaterThan(205 + 9.5 * 35);
  expect(total.p50).toBeGreaterThan(205 + 9.5 * 30);
});

test('the same question has the same answer', () => {
  const days = history('growth', 1).slice(0, 200);
  const ask = () =>
    forecastPeriod({ ...half, history: days, today: { date: addDays(days.at(-1)!.date, 1), usd: 3 } });
  expect(ask()).toEqual(ask());
});
