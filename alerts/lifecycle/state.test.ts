import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertId, dedupKey, eventId } from './ids.ts';
import { initialLifecycle, isFiring, type LifecycleSettings, step, type Verdict } from './state.ts';

const minuteMs = 60_000;
const settings: LifecycleSettings = {
  forMs: 5 * minuteMs,
  keepFiringMs: 10 * minuteMs,
  windowMs: 15 * minuteMs,
  noData: { afterMs: 15 * minuteMs, state: 'notify' },
};
const verdicts: Record<string, Verdict> = {
  b: { kind: 'breach', value: 9 },
  c: { kind: 'clear', value: 1 },
  m: { kind: 'between', value: 4 },
  f: { kind: 'few' },
  n: { kind: 'no_data' },
  v: { kind: 'vanished' },
  e: { kind: 'error', message: 'engine is away' },
  s: { kind: 'stale' },
};

/** One letter a minute, `b5` for five; `|` is a restart: the next two evaluations are a warm-up. */
function run(input: string, changed: Partial<LifecycleSettings> = {}): string {
  let state = initialLifecycle();
  let minute = 0;
  let warm = 0;
  const said: string[] = [];
  for (const [, letter = '', times = '1'] of input.matchAll(/([a-z|])(\d*)/g)) {
    if (letter === '|') {
      warm = 2;
      // What is kept is text.
      state = JSON.parse(JSON.stringify(state)) as typeof state;
      continue;
    }
    for (let count = 0; count < Number(times || 1); count += 1, minute += 1) {
      const at = { nowMs: minute * minuteMs, warmUp: warm > 0, settings: { ...settings, ...changed } };
      warm = Math.max(0, warm - 1);
      const taken = step(state, verdicts[letter]!, at);
      state = taken.state;
      for (const { kind, reason } of taken.events)
        said.push(`${minute} ${kind}${reason ? `:${reason}` : ''}`);
    }
  }
  return said.join(', ');
}

describe('input series and their exact events', () => {
  test.each<[what: string, input: string, events: string, changed?: Partial<LifecycleSettings>]>([
    ['nothing wrong', 'c20', ''],
    ['a breach shorter than for', 'b4c3', '0 pending, 4 cancelled'],
    [
      'breach, then clear for keep_firing',
      'b6c11',
      '0 pending, 5 fired:condition, 6 recovering, 16 resolved:recovered',
    ],
    [
      'it holds again while recovering',
      'b6c5b2c12',
      '0 pending, 5 fired:condition, 6 recovering, 11 relapsed, 13 recovering, 23 resolved:recovered',
    ],
    [
      'between the thresholds it goes on',
      'b6m20c12',
      '0 pending, 5 fired:condition, 26 recovering, 36 resolved:recovered',
    ],
    ['between the thresholds it does not begin', 'm20', ''],
    ['between the thresholds a pending one is over', 'b3m1', '0 pending, 3 cancelled'],
    ['too small a sample changes nothing', 'b3f9b1', '0 pending, 12 fired:condition'],
    ['too small a sample resolves nothing', 'b6f60', '0 pending, 5 fired:condition'],
    ['at once without for', 'b1c12', '0 fired:condition, 1 recovering, 11 resolved:recovered', { forMs: 0 }],
    ['no data for 15 minutes', 'c1n16', '16 no_data, 16 fired:no_data'],
    [
      'data come back clear',
      'c1n16c12',
      '16 no_data, 16 fired:no_data, 17 data_back, 17 recovering, 27 resolved:recovered',
    ],
    [
      'data come back, few of them',
      'c1n16f12',
      '16 no_data, 16 fired:no_data, 17 data_back, 17 recovering, 27 resolved:recovered',
    ],
    [
      'data come back bad',
      'c1n16b3c12',
      '16 no_data, 16 fired:no_data, 17 data_back, 20 recovering, 30 resolved:recovered',
    ],
    ['no data while firing does not resolve', 'b6n30', '0 pending, 5 fired:condition, 21 no_data'],
    [
      'no data: keep',
      'b6n30',
      '0 pending, 5 fired:condition, 21 no_data',
      { noData: { afterMs: 15 * minuteMs, state: 'keep' } },
    ],
    [
      'no data: ok',
      'b6n30',
      '0 pending, 5 fired:condition, 21 recovering, 31 resolved:recovered',
      { noData: { afterMs: 15 * minuteMs, state: 'ok' } },
    ],
    [
      'a group that vanishes is over after twice the window',
      'b6v40',
      '0 pending, 5 fired:condition, 36 resolved:no_longer_reported',
    ],
    [
      'two errors are nobody’s business',
      'b6e2c11',
      '0 pending, 5 fired:condition, 8 recovering, 18 resolved:recovered',
    ],
    ['three errors are told and resolve nothing', 'b6e60', '0 pending, 5 fired:condition, 8 error'],
    ['errors are over', 'e5c1', '2 error, 5 error_over'],
    ['errors stop the timer of for', 'b3e10b3', '0 pending, 5 error, 13 error_over, 15 fired:condition'],
    [
      'stale data change nothing',
      'b6s60c11',
      '0 pending, 5 fired:condition, 6 stale, 66 fresh, 66 recovering, 76 resolved:recovered',
    ],
    [
      'after a restart two evaluations resolve nothing',
      'b6c10|c3',
      '0 pending, 5 fired:condition, 6 recovering, 18 resolved:recovered',
    ],
    ['after a restart a pending one goes on', 'b3|c2b1', '0 pending, 5 fired:condition'],
    ['after a restart it may fire', 'b3|b3', '0 pending, 5 fired:condition'],
  ])('%s', (_what, input, events, changed = {}) => {
    expect(run(input, changed)).toBe(events);
  });

  test('more than four turns within an hour: one notice, held open until half an hour without one', () => {
    const quick = { forMs: 0, keepFiringMs: 5 * minuteMs };
    const said = run('b1c6b1c6b1c6b1c6b1c6c40', quick).split(', ');
    expect(said.filter(one => / (fired|resolved|flapping|settled)/.test(one))).toEqual([
      '0 fired:condition',
      '6 resolved:recovered',
      '7 fired:condition',
      '13 resolved:recovered',
      '14 fired:condition',
      '14 flapping',
      '59 settled',
      '59 resolved:recovered',
    ]);
  });

  test('flapping that ends in a breach goes on as a plain alert', () => {
    const said = run('b1c6b1c6b1c6b60', { forMs: 0, keepFiringMs: 5 * minuteMs });
    expect(said).toContain('flapping');
    expect(said).toContain('settled');
    expect(said.match(/fired/g)).toHaveLength(3);
  });
});

describe('whatever comes in', () => {
  const anyInput = fc.array(
    fc.record({
      letter: fc.constantFrom(...Object.keys(verdicts)),
      times: fc.integer({ min: 1, max: 25 }),
      warmUp: fc.boolean(),
      retract: fc.boolean(),
    }),
    { maxLength: 60 },
  );
  const anySettings = fc.record({
    forMs: fc.integer({ min: 0, max: 10 }).map(minutes => minutes * minuteMs),
    keepFiringMs: fc.integer({ min: 0, max: 15 }).map(minutes => minutes * minuteMs),
    windowMs: fc.constantFrom(15, 60).map(minutes => minutes * minuteMs),
    noData: fc.record({
      afterMs: fc.integer({ min: 1, max: 20 }).map(minutes => minutes * minuteMs),
      state: fc.constantFrom('notify' as const, 'keep' as const, 'ok' as const),
    }),
  });

  test('fired and resolved alternate, events are named once, and state agrees with a simple model', () => {
    fc.assert(
      fc.property(anyInput, anySettings, (input, given) => {
        let state = initialLifecycle();
        let nowMs = 0;
        // The model: what was told last, and since when the condition has held or been over without a break.
        let toldFiring = false;
        let breachSinceMs: number | null = null;
        const names = new Set<string>();
        const key = dedupKey('p', 'rule', { feature: 'f' });
        for (const { letter, times, warmUp, retract } of input) {
          for (let count = 0; count < times; count += 1, nowMs += minuteMs) {
            const verdict = verdicts[letter]!;
            const before = JSON.stringify(state);
            const taken = step(state, verdict, { nowMs, warmUp, settings: given, retract });
            expect(JSON.stringify(state)).toBe(before);
            state = taken.state;
            if (verdict.kind === 'breach') breachSinceMs ??= nowMs;
            else if (verdict.kind === 'clear' && !warmUp) breachSinceMs = null;
            const turns = taken.events.filter(({ kind }) => kind === 'fired' || kind === 'resolved');
            expect(turns.length).toBeLessThanOrEqual(1);
            for (const { kind, reason } of turns) {
              expect(kind).toBe(toldFiring ? 'resolved' : 'fired');
              toldFiring = !toldFiring;
              const name = eventId(key, state.transitions);
              expect(names.has(name)).toBe(false);
              names.add(name);
              if (reason === 'condition')
                expect(verdict.kind === 'breach' && breachSinceMs !== null).toBe(true);
              if (kind === 'resolved') {
                expect(warmUp).toBe(false);
                expect(['clear', 'between', 'few', 'vanished', 'no_data']).toContain(verdict.kind);
              }
            }
            expect(isFiring(state)).toBe(toldFiring);
            if (verdict.kind === 'stale' || verdict.kind === 'error') expect(turns).toEqual([]);
          }
        }
      }),
      { seed: 20, numRuns: 150 },
    );
  });
});

test('a key is the same for the same labels in any order, and an event keeps its name', () => {
  const key = dedupKey('p', 'rule', { feature: 'a', model: 'b' });
  expect(dedupKey('p', 'rule', { model: 'b', feature: 'a' })).toBe(key);
  expect(dedupKey('p', 'rule', { feature: 'a', model: 'c' })).not.toBe(key);
  expect(key.length).toBeLessThanOrEqual(255);
  expect(eventId(key, 3)).toBe(`${key}.0003`);
  expect(alertId(key, 3)).toBe(alertId(key, 3));
});

test('no clock and no chance in it: the source asks nobody for the time', () => {
  for (const file of ['state.ts', 'plan.ts', 'match.ts', 'ids.ts']) {
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).not.toMatch(
      /Date\.now|new Date\(\)|Math\.random/,
    );
  }
});
