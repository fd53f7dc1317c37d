import { expect, test } from 'vitest';
import { partlyKnown } from './header-words.ts';
import { readSpendSearch } from './search.ts';
import { spendView } from './use-spend-view.ts';
import { narrowed, readWhere, sameConditions, writeWhere } from './where.ts';

test('conditions survive the address, whatever their values hold', () => {
  const conditions = [
    { dimension: 'feature' as const, value: 'a,b\\c:d' },
    { dimension: 'team' as const, value: '' },
  ];
  expect(readWhere(writeWhere(conditions))).toEqual(conditions);
  expect(readWhere('nonsense,feature:x')).toEqual([{ dimension: 'feature', value: 'x' }]);
});

test('narrowing replaces what was said of the same dimension', () =>
  expect(writeWhere(narrowed(readWhere('feature:a,feature:b,team:t'), 'feature', ['b']))).toBe(
    'team:t,feature:b',
  ));

test('order and repetition do not matter', () =>
  expect(sameConditions(readWhere('team:t,feature:a'), readWhere('feature:a,team:t,team:t'))).toBe(true));

test('a mistyped link opens with defaults', () => {
  expect(readSpendSearch({ month: '2026-13', by: 'nobody', step: 'year', sheet: 'x', v: 'y' })).toEqual({});
  expect(
    readSpendSearch({ month: '2026-10', by: 'kind', sheet: 'calls', v: 'input', at: 'no/date' }),
  ).toEqual({
    month: '2026-10',
    by: 'kind',
    sheet: 'calls',
    v: 'input',
  });
});

test('a running month is compared with as much of the month before, a finished one with all of it', () => {
  const zone = 'Europe/Paris';
  const now = Date.parse('2026-11-21T14:07:00Z');
  const running = spendView({}, zone, zone, now);
  expect(running.range).toEqual({ from: '2026-10-31T23:00:00Z', to: '2026-11-30T23:00:00Z' });
  // 21 October 15:00 on the wall, which was still summer time.
  expect(running.previous).toMatchObject({
    from: '2026-09-30T22:00:00Z',
    to: '2026-10-21T13:00:00Z',
    whole: false,
  });
  const over = spendView({ month: '2026-10' }, zone, zone, now);
  expect(over.previous).toMatchObject({
    from: '2026-08-31T22:00:00Z',
    to: '2026-09-30T22:00:00Z',
    whole: true,
  });
});

test('a month of which only the last days are known is none to compare with', () => {
  const now = Date.parse('2026-11-21T14:07:00Z');
  const of = (month: string | undefined, begins: string | null) =>
    partlyKnown(spendView(month ? { month } : {}, 'UTC', 'UTC', now, begins));
  expect(of('2026-10', '2026-09-23T08:15:00Z')).toMatch(/^September is known from .*23.* only$/);
  expect(of(undefined, '2026-10-20T00:00:00Z')).toMatch(/^October is known from .*20.* only$/);
  // Nothing of it is known, or all that one can tell.
  expect(of(undefined, '2026-10-23T08:15:00Z')).toBeNull();
  expect(of('2026-10', '2026-09-01T08:15:00Z')).toBeNull();
  expect(of('2026-10', null)).toBeNull();
});

test('the last days of a long month are compared with all of a short one', () => {
  const view = spendView({}, 'UTC', 'UTC', Date.parse('2026-03-31T12:00:00Z'));
  expect(view.previous).toMatchObject({ to: '2026-03-01T00:00:00Z', whole: true });
});

test('the viewer’s zone moves the days, never the month', () => {
  const now = Date.parse('2026-11-21T14:07:00Z');
  const [here, there] = ['Europe/Paris', 'Asia/Kathmandu'].map(zone =>
    spendView({}, zone, 'Europe/Paris', now),
  );
  expect(there!.range).toEqual(here!.range);
  expect(there!.previous).toEqual(here!.previous);
});
