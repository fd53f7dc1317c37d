import { describe, expect, it } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { type ArmSums, noSums } from './arm-sums.ts';
import { harmOf } from './harm.ts';
import { decide, type Sides, type Verdict } from './verdict.ts';

const options = {
  margins: { quality: 0.02, latency: 0.05, cost: 0.1, errors: 0.01 },
  level: 0.05,
  qualityWorse: 'lower',
  scoreReach: 1,
} as const;
const metrics = ['quality', 'latency', 'cost', 'errors'] as const;

/** One call of a unit of its own. */
function add(sums: ArmSums, value: number): void {
  sums.units += 1;
  sums.calls += 1;
  sums.w += 1;
  sums.ww += 1;
  sums.a += value;
  sums.aw += value;
  sums.aa += value * value;
}

const emptySides = (): Sides => ({ control: { ...noSums }, candidate: { ...noSums } });

interface Truth {
  quality: number;
  slow: number;
  cost: number;
  errors: number;
}
const usual: Truth = { quality: 0.8, slow: 0.05, cost: 0.004, errors: 0.01 };

/** A fine mark half of the time, else good or bad: variance 0.093 at a mean of 0.8. */
function mark(next: () => number, mean: number): number {
  const good = next() < mean ? 1 : 0;
  return next() < 0.5 ? good : Math.min(1, Math.max(0, mean + 0.4 * (next() - 0.5)));
}

function call(next: () => number, truth: Truth): Record<(typeof metrics)[number], number> {
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    quality: mark(next, truth.quality),
    latency: next() < truth.slow ? 1 : 0,
    cost: truth.cost * Math.exp(0.8 * normal - 0.32),
    errors: next() < truth.errors ? 1 : 0,
  };
}

/** Looks after every pair of calls until it is decided; goes on after "ship", for a roll-back would still be wrong. */
function watch(seed: number, peeks: number, candidate: Truth, every = 1) {
  const { next } = seeded(seed);
  const sides = { quality: emptySides(), latency: emptySides(), cost: emptySides(), errors: emptySides() };
  let first: { verdict: Verdict; at: number } | null = null;
  for (let pair = 1; pair <= peeks * every; pair += 1) {
    const [one, other] = [call(next, usual), call(next, candidate)];
    for (const metric of metrics) {
      add(sides[metric].control, one[metric]);
      add(sides[metric].candidate, other[metric]);
    }
    if (pair % every !== 0) continue;
    const { verdict } = decide(sides, options);
    if (verdict !== 'hold') first ??= { verdict, at: pair };
    if (verdict === 'roll_back') return { ...first!, rolledBack: true };
  }
  return { ...(first ?? { verdict: 'hold' as const, at: peeks * every }), rolledBack: false };
}

/** `npm run simulate:canary` asks for more. */
const times = Number(process.env.DRIFTLINE_TEST_SIMULATIONS ?? 1);
const patience = { timeout: 900_000 * times };

describe('a canary that is looked at after every call', patience, () => {
  it('never rolls back an equal candidate for its quality in more than the stated share of runs over 10,000 peeks', () => {
    const runs = 60 * times;
    const alpha = 0.05;
    let wrong = 0;
    let left = 0;
    for (let run = 0; run < runs; run += 1) {
      const { next } = seeded(1_000 + run);
      const { control, candidate } = emptySides();
      let isWrong = false;
      let isLeft = false;
      for (let peek = 0; peek < 10_000; peek += 1) {
        add(control, mark(next, 0.8));
        add(candidate, mark(next, 0.8));
        const harm = harmOf(control, candidate, {
          margin: 0.02,
          alpha,
          worse: 'lower',
          reach: 1,
          scale: 'difference',
        });
        isWrong ||= harm.state === 'worse' || harm.state === 'beyond';
        isLeft ||= harm.low !== null && (harm.low > 0 || harm.high! < 0);
      }
      if (isWrong) wrong += 1;
      if (isLeft) left += 1;
    }
    if (times > 1) console.log({ runs, wrong, left });
    // Coverage of the interval at all looks at once, and with it the roll-back, at the level of this one check.
    expect(left / runs).toBeLessThanOrEqual(alpha);
    expect(wrong / runs).toBeLessThanOrEqual(alpha);
  });

  it('rolls back an equal candidate for no reason at all in at most 5 %, and ships it', () => {
    const runs = 30 * times;
    const found = Array.from({ length: runs }, (_, seed) => watch(seed + 1, 10_000, usual));
    if (times > 1) console.log(found.filter(({ rolledBack }) => rolledBack).length, 'of', runs);
    expect(found.filter(({ rolledBack }) => rolledBack).length / runs).toBeLessThanOrEqual(0.05);
    expect(found.filter(({ verdict }) => verdict === 'ship').length / runs).toBeGreaterThan(0.9);
  });

  it('rolls back a candidate that is 3 points worse', () => {
    const worse = { ...usual, quality: usual.quality - 0.03 };
    const found = Array.from({ length: 20 * times }, (_, seed) => watch(seed + 500, 400, worse, 25));
    if (times > 1) {
      const calls = found.map(({ at }) => at).sort((a, b) => a - b);
      const back = found.filter(({ verdict }) => verdict === 'roll_back').length;
      const [median, most] = [calls[calls.length >> 1], calls.at(-1)];
      console.log({ rolledBack: back, of: found.length, callsPerArm: { median, most } });
    }
    expect(found.filter(({ verdict }) => verdict === 'roll_back').length / found.length).toBeGreaterThan(
      0.95,
    );
  });

  it.each([
    ['slow', { ...usual, slow: 0.16 }],
    ['dear', { ...usual, cost: usual.cost * 1.35 }],
    ['failing', { ...usual, errors: 0.04 }],
  ])('rolls back one as good but %s', (_name, truth) => {
    expect(watch(77, 200, truth, 50).verdict).toBe('roll_back');
  });
});

describe('decide', () => {
  const arm = (n: number, mean: number, variance: number): ArmSums => ({
    units: n,
    calls: n,
    w: n,
    a: n * mean,
    ww: n,
    aw: n * mean,
    aa: n * (variance + mean ** 2),
  });
  const pair = (n: number, one: number, other: number, variance: number): Sides => ({
    control: arm(n, one, variance),
    candidate: arm(n, other, variance),
  });
  const all = (n: number, quality: Sides) => ({
    quality,
    latency: pair(n, 0.05, 0.05, 0.0475),
    cost: pair(n, 0.004, 0.004, 1e-6),
    errors: pair(n, 0.01, 0.01, 0.0099),
  });

  it('ships nothing without quality', () => {
    const none = { control: noSums, candidate: noSums };
    const { verdict, growth } = decide(all(50_000, none), options);
    expect([verdict, growth()]).toEqual(['hold', null]);
  });

  it('leaves out what cannot be compared otherwise', () => {
    const none = { control: noSums, candidate: noSums };
    expect(decide({ ...all(50_000, pair(50_000, 0.8, 0.8, 0.1)), cost: none }, options).verdict).toBe('ship');
  });

  it('holds while too few users were there, however many calls', () => {
    const few = { ...arm(20_000, 0.8, 0.1), units: 29 };
    const quality = { control: few, candidate: few };
    expect(decide(all(20_000, quality), options).checks[0]!.harm.state).toBe('too_few');
  });

  it('knows what a harmful score is', () => {
    const sides = all(20_000, pair(20_000, 0.1, 0.15, 0.1));
    expect(decide(sides, options).verdict).toBe('ship');
    expect(decide(sides, { ...options, qualityWorse: 'higher' }).verdict).toBe('roll_back');
  });

  it('says how many calls are missing, and is right about it', () => {
    const { growth } = decide(all(4_000, pair(4_000, 0.8, 0.8, 0.09)), options);
    const { verdict, factor } = growth()!;
    expect(verdict).toBe('ship');
    const then = (n: number) => decide(all(n, pair(n, 0.8, 0.8, 0.09)), options).verdict;
    expect(then(Math.ceil(4_000 * factor * 1.02))).toBe('ship');
    expect(then(Math.floor(4_000 * factor * 0.97))).toBe('hold');
  });

  it('does not take values that never varied as certain', () => {
    const { state } = harmOf(arm(40, 0, 0), arm(40, 0, 0), {
      margin: 0.01,
      alpha: 0.01,
      worse: 'higher',
      reach: 1,
      scale: 'difference',
    });
    expect(state).toBe('unsure');
  });
});
