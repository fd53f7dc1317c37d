import { describe, expect, test } from 'vitest';
import type { BudgetWithState } from '#contract/budget.ts';
import { burnDrawing } from './burn-geometry.ts';
import { draftErrors, draftOf, inputOf, newDraft } from './draft.ts';
import { previewWords } from './preview.tsx';
import {
  calibrationWords,
  ceilingWords,
  filterWords,
  headline,
  paceWords,
  unboundedWords,
  verdict,
} from './words.ts';

const state: BudgetWithState['state'] = {
  phase: 'running',
  from: '2026-10-31T23:00:00Z',
  to: '2026-11-30T23:00:00Z',
  elapsed: 0.5,
  as_of: null,
  spent_usd: '60.000000000',
  booked_usd: '60.000000000',
  at_least: false,
  calls: 40_000,
  unbounded_calls: 0,
  coverage: 1,
  used: 0.6,
  pace: { expected_usd: '50.000000000', ratio: 1.2 },
  forecast: null,
  basis: { method: '', days: 0, quality: 'none', note: null },
  breach: { probability: 0.78, date: '2026-11-24' },
  thresholds: [],
  calibration: { n: 18, inside: 14 / 18 },
  burn: [
    { date: '2026-11-01', usd: '4' },
    { date: '2026-11-02', usd: '60' },
  ],
  fan: [{ date: '2026-11-30', p10_usd: '80', p50_usd: '90', p90_usd: '120' }],
  ceiling: null,
};
const budget = (change: Partial<BudgetWithState['state']> = {}) => ({
  kind: 'budget' as const,
  state: { ...state, ...change },
});
const plain = (text: string | null | undefined) => text?.replaceAll('\u00a0', ' ');

test('calls that nothing bounds are named, however few of how many', () => {
  expect(unboundedWords(state)).toBeNull();
  const some = { calls: 40_000, unbounded_calls: 3, coverage: 1 - 3 / 40_000 };
  expect(plain(unboundedWords(some))).toBe(
    'Not in it: 3 of 40,000 calls (0.0075 %), whose cost nothing bounds.',
  );
});

describe('which budget breaks, and when', () => {
  test.each([
    [{}, 'warning', 'Will probably be exceeded, most likely on Nov 24 (78 %)'],
    [{ breach: { probability: 0.2, date: null } }, 'neutral', 'May be exceeded (20 %)'],
    [
      { breach: { probability: 0.001, date: null } },
      'good',
      'Will hold (less than 1.0 % chance of exceeding it)',
    ],
    [{ used: 1.1, breach: { probability: 1, date: '2026-11-12' } }, 'critical', 'Exceeded on Nov 12'],
    [{ breach: null }, 'neutral', 'Too early for a forecast'],
    [{ phase: 'ahead' as const }, 'neutral', 'Has not begun'],
  ])('%o', (change, status, words) => {
    const said = verdict(budget(change));
    expect([said.status, plain(said.words)]).toEqual([status, words]);
  });
  test('of all budgets in one line', () => {
    const holds = budget({ breach: { probability: 0, date: null } });
    expect(headline([holds, holds]).words).toBe('All 2 budgets hold');
    expect(headline([budget({ breach: { probability: 0.3, date: null } }), holds])).toEqual({
      status: 'neutral',
      words: '1 budget may be exceeded',
    });
    expect(headline([budget({ breach: null }), holds])).toEqual({
      status: 'neutral',
      words: 'Nothing exceeded so far; too early to tell for 1',
    });
    expect(headline([budget(), holds]).words).toBe('1 budget will probably be exceeded');
    expect(headline([budget({ used: 2 }), budget()]).words).toBe(
      '1 budget exceeded, 1 more will probably follow',
    );
  });
});

test('pace and calibration say their figures', () => {
  expect(plain(paceWords(state))).toBe('20 % faster than the budget allows ($50.00 by now)');
  expect(plain(calibrationWords(state))).toBe(
    'Past forecasts: 14 of 18 ended inside their range (78 %; 80 % is right)',
  );
  expect(filterWords([])).toBe('All spend');
  expect(
    filterWords([
      { dimension: 'feature', value: 'a' },
      { dimension: 'feature', value: 'b' },
      { dimension: 'team', value: '' },
    ]),
  ).toBe('Feature is a or b, Team is (no team)');
});

test('a ceiling says what it answers and when it changes its mind', () => {
  const ceiling = {
    degrade_at_percent: 80,
    deny_at_percent: 100,
    degrade_model: 'm-small',
    lease_usd: null,
    lease_s: 60,
  };
  const answers = { decision: 'allow' as const, reserved_usd: '0', degrade_at_usd: '80', deny_at_usd: '100' };
  const said = ceilingWords({ ceiling, state: { ...state, ceiling: answers } } as BudgetWithState);
  expect(said).toEqual({
    status: 'good',
    words: 'Calls are allowed; cheaper model (m-small) from $80.00, denied from $100.00',
  });
});

test('the burn begins at nothing, ends where time stands, and the forecast goes on from there', () => {
  const drawn = burnDrawing(state, '100', 'Europe/Paris', 300, 129.6)!;
  expect(drawn.spent).toEqual([
    [0, 129.6],
    [10, 125.6],
    [20, 69.6],
  ]);
  expect(drawn.limitY).toBeCloseTo(29.6);
  expect(drawn.middle).toEqual([drawn.spent.at(-1), [300, expect.closeTo(39.6)]]);
  expect(burnDrawing({ ...state, to: '2026-11-01T23:00:00Z' }, '100', 'Europe/Paris', 300, 100)).toBeNull();
});

describe('a budget while it is typed', () => {
  const draft = { ...newDraft([], '2026-11-21'), name: 'All', amount: '250' };
  test('is right as it is proposed', () => {
    expect(draftErrors(draft)).toEqual({});
    expect(inputOf(draft)).toMatchObject({
      amount_usd: '250',
      period: 'month',
      ceiling: null,
      thresholds_percent: [50, 80, 100],
    });
  });
  test('is told what the API would refuse', () => {
    const wrong = {
      ...draft,
      name: ' ',
      amount: '0',
      thresholds: 'half',
      kind: 'experiment' as const,
      endsOn: '2026-11-01',
      hasCeiling: true,
      degradeAt: '120',
    };
    expect(Object.keys(draftErrors(wrong)).sort()).toEqual([
      'amount',
      'degradeAt',
      'endsOn',
      'name',
      'thresholds',
    ]);
  });
  test('comes back as it was saved', () => {
    const ceiling = {
      degrade_at_percent: null,
      deny_at_percent: 100,
      degrade_model: null,
      lease_usd: '0.500000000',
      lease_s: 30,
    };
    const kept = {
      name: 'x',
      kind: 'budget',
      filter: [],
      amount_usd: '250.000000000',
      period: 'week',
      thresholds_percent: [90],
      ceiling,
      starts_on: null,
      ends_on: null,
    } as unknown as BudgetWithState;
    expect(inputOf(draftOf(kept, '2026-11-21'))).toEqual({
      name: 'x',
      kind: 'budget',
      filter: [],
      amount_usd: '250',
      period: 'week',
      starts_on: null,
      ends_on: null,
      thresholds_percent: [90],
      ceiling: { ...ceiling, lease_usd: '0.5' },
    });
  });
});

test('the preview says how often a daily amount would have been exceeded', () => {
  const rows = ['1', '3', '5'].map(usd => ({ cost_usd: usd, high_usd: usd })) as never;
  expect(previewWords({ kind: 'budget', period: 'day', amount: '2' }, '9', rows)).toBe(
    ', at most $5.00 in a day; 2 days would have exceeded the amount',
  );
});
