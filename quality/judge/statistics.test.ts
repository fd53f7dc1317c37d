import { describe, expect, it } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { kappa, ranks, spearman } from './agreement-statistics.ts';
import { anchorDrift } from './drift.ts';
import { momentsOf, predictionPowered } from './prediction-powered.ts';

const gauss = (next: () => number) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const clip = (value: number) => Math.min(1, Math.max(0, value));

describe('kappa', () => {
  // Two readers of 50 grant proposals, the usual textbook case ("Cohen's kappa", Wikipedia): p_o 0.7, p_e 0.5.
  it('is 0.4 for two readers of grant proposals', () => {
    expect(
      kappa([
        [20, 5],
        [10, 15],
      ]).value,
    ).toBeCloseTo(0.4, 12);
  });

  // Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (2003), table 18.1: kappa 0.68, standard error 0.087.
  it('agrees with the 100 subjects of Fleiss, Levin and Paik', () => {
    const { value, se } = kappa([
      [75, 1, 4],
      [5, 4, 1],
      [0, 0, 10],
    ]);
    expect(value).toBeCloseTo(0.6765, 4);
    expect(se).toBeCloseTo(0.087, 2);
  });

  // Hout, Duncan and Sobel (1987), 91 couples, as in Agresti (1990) and R's vcd::Kappa(SexualFun): 0.1293 (0.0686), linear 0.2374 (0.0783).
  it('agrees with vcd on couples, also weighted', () => {
    const couples = [
      [7, 7, 2, 3],
      [2, 8, 3, 7],
      [1, 5, 4, 9],
      [2, 8, 9, 14],
    ];
    expect(kappa(couples).value).toBeCloseTo(0.1293, 4);
    expect(kappa(couples).se).toBeCloseTo(0.0686, 4);
    expect(kappa(couples, 'linear').value).toBeCloseTo(0.2374, 4);
    expect(kappa(couples, 'linear').se).toBeCloseTo(0.0783, 4);
  });

  it('knows full agreement, chance, and nothing', () => {
    expect(
      kappa([
        [5, 0],
        [0, 5],
      ]),
    ).toMatchObject({ value: 1, low: 1, high: 1 });
    expect(
      kappa([
        [25, 25],
        [25, 25],
      ]).value,
    ).toBeCloseTo(0, 12);
    expect(
      kappa([
        [9, 0],
        [0, 0],
      ]).value,
    ).toBeNull();
    expect(
      kappa([
        [0, 0],
        [0, 0],
      ]).value,
    ).toBeNull();
  });

  it('weighs near misses less, and of two categories the weights do not matter', () => {
    const near = [
      [10, 3, 0],
      [3, 10, 3],
      [0, 3, 10],
    ];
    expect(kappa(near, 'quadratic').value).toBeGreaterThan(kappa(near, 'linear').value!);
    expect(kappa(near, 'linear').value).toBeGreaterThan(kappa(near).value!);
    expect(
      kappa(
        [
          [20, 5],
          [10, 15],
        ],
        'quadratic',
      ).value,
    ).toBeCloseTo(0.4, 12);
  });

  it('has intervals that hold in 94 to 96 % of the runs', () => {
    const { next } = seeded(9);
    const runs = 6_000;
    // Both raters see the truth with a chance of 0.8, else guess: kappa 0.64.
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      const table = [
        [0, 0],
        [0, 0],
      ];
      for (let at = 0; at < 200; at += 1) {
        const truth = next() < 0.5 ? 0 : 1;
        const see = () => (next() < 0.8 ? truth : next() < 0.5 ? 0 : 1);
        const [one, other] = [see(), see()];
        table[one]![other]! += 1;
      }
      const { low, high } = kappa(table);
      if (low! <= 0.64 && high! >= 0.64) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.94);
    expect(covered / runs).toBeLessThan(0.96);
  });
});

describe('spearman', () => {
  // IQ against hours of television, the worked example of "Spearman's rank correlation coefficient" (Wikipedia): -29/165.
  it('is -29/165 for IQ and television', () => {
    const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
    expect(spearman(iq.map((value, at) => [value, hours[at]!])).value).toBeCloseTo(-29 / 165, 12);
  });

  // Of a bivariate normal with correlation r, Spearman's is 6 asin(r / 2) / pi (Kendall and Gibbons, Rank Correlation Methods).
  it.each([
    ['strong', 0.8, 60],
    ['middling', 0.5, 40],
    ['none', 0, 100],
  ])('has intervals that hold in 94 to 96 of 100 runs: %s', (_name, r, pairs) => {
    const { next } = seeded(31);
    const truth = (6 * Math.asin(r / 2)) / Math.PI;
    const runs = 4_000;
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      const drawn = Array.from({ length: pairs }, () => {
        const x = gauss(next);
        return [x, r * x + Math.sqrt(1 - r * r) * gauss(next)] as const;
      });
      const { low, high } = spearman(drawn);
      if (low! <= truth && truth <= high!) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.94);
    expect(covered / runs).toBeLessThan(0.96);
  });

  it('gives ties their mean rank', () => {
    expect(ranks([3, 1, 3, 2, 3])).toEqual([4, 1, 4, 2, 4]);
    expect(
      spearman([
        [1, 1],
        [1, 2],
        [1, 3],
      ]),
    ).toEqual({ value: null, low: null, high: null });
  });
});

describe('prediction-powered means', () => {
  it.each([
    ['a good judge of marks', 40, 0.3],
    ['a poor judge', 60, 3],
    ['few labels', 20, 0.6],
  ])('%s: 95 %% intervals hold in 94 to 96 %% of the runs', (_name, labels, noise) => {
    const { next } = seeded(labels);
    const runs = 4_000;
    let covered = 0;
    let width = 0;
    let plain = 0;
    for (let run = 0; run < runs; run += 1) {
      const draw = () => {
        const human = 0.6 + 0.15 * gauss(next);
        return { human, judge: 0.08 + human + 0.15 * noise * gauss(next) };
      };
      const labelled = Array.from({ length: labels }, draw);
      const found = predictionPowered(labelled, momentsOf(Array.from({ length: 300 }, () => draw().judge)))!;
      if (found.low <= 0.6 && 0.6 <= found.high) covered += 1;
      width += found.high - found.low;
      const alone = predictionPowered(labelled, momentsOf([]))!;
      plain += alone.high - alone.low;
    }
    expect(covered / runs).toBeGreaterThan(0.94);
    expect(covered / runs).toBeLessThan(0.96);
    // With any judge at all it is hardly worse than the labels alone, and with a good one far better.
    expect(width / plain).toBeLessThan(noise < 1 ? 0.9 : 1.03);
  });

  it('says nothing of nine labels, and takes the labels alone when the judge never varies', () => {
    const labelled = Array.from({ length: 10 }, (_, at) => ({ human: at / 10, judge: 0.5 }));
    expect(predictionPowered(labelled.slice(1), momentsOf([0.5, 0.5]))).toBeNull();
    expect(predictionPowered(labelled, momentsOf([0.5, 0.5, 0.5]))).toMatchObject({ power: 0, value: 0.45 });
  });
});

describe('drift of a judge', () => {
  const quality = (at: number) => 0.3 + (0.6 * ((at * 37) % 60)) / 60;

  function scores(next: () => number, sd: number, shift: number): number[] {
    return Array.from({ length: 60 }, (_, at) =>
      clip(Math.round(4 * (quality(at) + shift + sd * gauss(next))) / 4),
    );
  }

  it('stays silent over 200 runs of a judge that is as it was', () => {
    const { next } = seeded(21);
    let alarms = 0;
    for (let repeat = 0; repeat < 10; repeat += 1) {
      const starts = [0, 1, 2].map(() => scores(next, 0.12, 0));
      const first = starts[0]!.map((_, at) => starts.map(values => values[at]!));
      const runs = [];
      for (let run = 0; run < 200; run += 1) {
        runs.push({ atMs: run, values: scores(next, 0.12, 0) });
        if (anchorDrift(first, runs).state !== 'changed') continue;
        alarms += 1;
        break;
      }
    }
    // 2,000 runs; at most one false alarm in 1,000 is promised.
    expect(alarms).toBeLessThanOrEqual(2);
  });

  it.each([
    ['noisy', 0.12],
    ['always the same', 0],
  ])('finds a judge (%s) that became more lenient by 0.1 within two runs, and dates it', (_name, sd) => {
    const { next } = seeded(22);
    const starts = [0, 1, 2].map(() => scores(next, sd, 0));
    const first = starts[0]!.map((_, at) => starts.map(values => values[at]!));
    const before = Array.from({ length: 30 }, (_, run) => ({ atMs: run, values: scores(next, sd, 0) }));
    const after = [30, 31].map(run => ({ atMs: run, values: scores(next, sd, 0.1) }));
    expect(anchorDrift(first, before).state).toBe('steady');
    const found = anchorDrift(first, [...before, ...after]);
    expect(found).toMatchObject({ state: 'changed', since: 30 });
    expect(found.difference).toBeCloseTo(0.09, 1);
    expect(found.low).toBeGreaterThan(0);
  });

  it('learns until it has anchors that were scored', () => {
    expect(anchorDrift([[0.5]], []).state).toBe('learning');
    expect(anchorDrift([[0.5]], [{ atMs: 0, values: [null] }]).state).toBe('learning');
  });
});
