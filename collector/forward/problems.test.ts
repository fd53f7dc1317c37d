import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';
import { ForwardProblems } from './problems.ts';
import type { ForwardStatus } from './status.ts';

const status: ForwardStatus = {
  url: 'http://other:4318/',
  waitingBytes: 3 * 1_048_576,
  waitingFiles: 3,
  sentItems: 0,
  dropped: { refused: 2, limit: 0, disk: 0 },
  lastSentAtMs: null,
  lastError: { atMs: 0, message: 'connect ECONNREFUSED' },
};

test('a failure is told after ten seconds and is over with the first success; a loss is shown for an hour', () => {
  let nowMs = 0;
  const backOff = new BackOff({ firstMs: 500, longestMs: 30_000, random: () => 0, now: () => nowMs });
  const shown = new Map<string, string>();
  const problems = new ForwardProblems();
  problems.tellTo((id, problem) => (problem ? shown.set(id, problem.title) : shown.delete(id)));
  const at = (ms: number) => {
    nowMs = ms;
    problems.judge(nowMs, status, backOff);
    return [...shown.keys()];
  };
  backOff.failed(null);
  expect(at(9_000)).toEqual([]);
  expect(at(10_000)).toEqual(['forward-failing']);
  problems.refused(nowMs, status);
  expect(shown.get('forward-refused')).toBe('http://other:4318/ refused 2 spans, records and points');
  backOff.succeeded();
  expect(at(11_000)).toEqual(['forward-refused']);
  expect(at(3_600_000)).toEqual(['forward-refused']);
  expect(at(3_611_000)).toEqual([]);
});

test('what was wrong before anybody listened is told at once', () => {
  const problems = new ForwardProblems();
  problems.unkept(0, status);
  const told: string[] = [];
  problems.tellTo(id => told.push(id));
  expect(told).toEqual(['forward-unkept']);
});

test('pauses double up to the longest, less up to half by chance, and never undercut what was asked for', () => {
  let nowMs = 0;
  let chance = 0;
  const backOff = new BackOff({ firstMs: 500, longestMs: 3000, random: () => chance, now: () => nowMs });
  const pause = (retryAfterMs: number | null = null) => {
    backOff.failed(retryAfterMs);
    backOff.failed(retryAfterMs);
    const began = nowMs;
    nowMs = backOff.readyAtMs;
    return nowMs - began;
  };
  expect([pause(), pause(), pause(), pause(), pause()]).toEqual([500, 1000, 2000, 3000, 3000]);
  chance = 1;
  expect(pause()).toBe(1500);
  expect(pause(7000)).toBe(7000);
  expect(pause(86_400_000)).toBe(600_000);
  backOff.succeeded();
  expect(pause()).toBe(250);
});
