import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scoreTraffic } from './benchmark.ts';

const folder = (name: string) =>
  fileURLToPath(new URL(`../../../shared/benchmarks/${name}`, import.meta.url));

describe('scoreTraffic', () => {
  it.each([
    ['weeks 0–3 as the reference', false],
    ['the rolling reference of production', true],
  ])('meets the goals on simulated LLM traffic with %s', (_, rolling) => {
    const score = scoreTraffic(folder('llm-traffic'), { rolling });
    expect(score).toMatchObject({ streams: 10, series: 60 });
    expect(score.false_alarms).toBeLessThanOrEqual(1);
    expect(score.q5.median_h).toBeLessThanOrEqual(40);
    expect(score.lat20.median_h).toBeLessThanOrEqual(20);
    expect(score.cost15.median_h).toBeLessThanOrEqual(13);
    expect(score.swap10.median_h).toBeLessThanOrEqual(56);
    for (const scenario of [score.q5, score.lat20, score.cost15]) expect(scenario.within_7d).toBe(1);
    expect(score.swap10.within_7d).toBeGreaterThanOrEqual(0.9);
  });

  it('refuses a folder in another format', () => {
    expect(() => scoreTraffic(folder('tcpd'))).toThrow(/not supported yet/);
  });
});
