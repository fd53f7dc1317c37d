import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { anomalyScorer } from './anomaly-scorer.ts';
import { scoreNab } from './nab.ts';
import { nabProfiles, nabScore, probation } from './nab-score.ts';
import { scoreTcpd } from './tcpd.ts';
import { changePointF1, covering } from './tcpd-score.ts';

const shared = (name: string) =>
  fileURLToPath(new URL(`../../../shared/benchmarks/${name}`, import.meta.url));
const temp = mkdtempSync(join(tmpdir(), 'driftline-benchmarks-'));
afterAll(() => rmSync(temp, { recursive: true, force: true }));

describe('NAB', () => {
  const { standard } = nabProfiles;
  const scored = (alarms: readonly number[], windows: [number, number][] = [[50, 59]]) => {
    const scores = new Float64Array(100);
    for (const row of alarms) scores[row] = 1;
    return [{ scores, windows }];
  };

  it('scores as the official scorer: worked by hand', () => {
    expect(probation(4032)).toBe(604);
    expect(probation(20_000)).toBe(750);
    // The first row of a window is worth all of it; never alarming is 0.
    expect(nabScore(scored([50]), standard).score).toBeCloseTo(100, 10);
    expect(nabScore(scored([]), standard).score).toBe(0);
    // The last row: p = −1/10, s = 2/(1 + e^−0.5) − 1 = 0.2449, over s(−1) = 0.9866.
    expect(nabScore(scored([59]), standard).score).toBeCloseTo((100 * (0.244919 / 0.986614 + 1)) / 2, 3);
    // An alarm before any window costs 0.11; one in probation nothing.
    expect(nabScore(scored([3, 30, 50]), standard).score).toBeCloseTo((100 * (1 - 0.11 + 1)) / 2, 10);
    // Ten rows after a window of ten: p = 10/9, s = 2/(1 + e^(50/9)) − 1 = −0.9923.
    expect(nabScore(scored([50, 69]), standard).score).toBeCloseTo((100 * (2 - 0.11 * 0.99229)) / 2, 2);
  });

  it('an alarm that costs more than it brings is left to a higher threshold', () => {
    const [one] = scored([50]);
    one!.scores[80] = 0.5;
    expect(nabScore([one!], standard)).toEqual({ score: expect.closeTo(100, 10), threshold: 1 });
  });

  it('scores online: the past of a series decides alone', () => {
    const value = (row: number) => Math.sin(row / 7) + (row === 700 ? 9 : 0);
    const run = (rows: number) => {
      const score = anomalyScorer();
      return Array.from({ length: rows }, (_, row) => score(row * 300_000, value(row)));
    };
    const whole = run(900);
    expect(run(500)).toEqual(whole.slice(0, 500));
    expect(Math.max(...whole)).toBe(whole[700]);
  });

  it('reaches the goal on the public series', () => {
    expect(scoreNab(shared('nab')).standard).toBeGreaterThanOrEqual(65);
  });
});

describe('TCPD', () => {
  it('F1 and covering: the worked values of the data set', () => {
    const annotations = { 1: [], 2: [10], 3: [50] };
    expect(changePointF1(annotations, [10])).toBeCloseTo(0.909090909, 9);
    expect(changePointF1(annotations, [])).toBeCloseTo(0.8, 12);
    expect(covering({ 1: [], 2: [10], 3: [40] }, [10], 45)).toBeCloseTo(0.7954144620811286, 12);
  });

  it('reaches the goals on the public series with one setting', () => {
    const { f1, cover } = scoreTcpd(shared('tcpd'));
    expect(f1).toBeGreaterThanOrEqual(0.72);
    expect(cover).toBeGreaterThanOrEqual(0.68);
  });

  it('says what is wrong with a folder', () => {
    mkdirSync(join(temp, 'series'));
    writeFileSync(join(temp, 'series', 'a.json'), '{"series": [[1, 2], [1]]}');
    writeFileSync(join(temp, 'annotations.json'), '{"a": {"1": []}}');
    expect(() => scoreTcpd(temp)).toThrow('series/a.json: dimensions of different lengths');
    writeFileSync(join(temp, 'windows.json'), '{}');
    expect(() => scoreNab(temp)).toThrow('no labelled window');
  });
});
