import { expect, test } from 'vitest';
import { type RuleDefinition, ruleDefinition } from '#contract/rule.ts';
import type { RuleAlertRow } from '#store/state/alert-rules.ts';
import { readNotice } from '../channels/notice.ts';
import { labelKey } from '../lifecycle/ids.ts';
import type { Lifecycle } from '../lifecycle/state.ts';
import { alertPayload } from '../notify/alert-message.ts';
import { type Stepped, stepRule } from './evaluate.ts';
import { type GroupWindows, groupWindows } from './measure.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const startMs = Date.parse('2026-11-02T12:00:00Z');

const errors = ruleDefinition.parse({
  kind: 'threshold',
  name: 'errors',
  metric: 'error_rate',
  above: 20,
  window_s: 900,
  for_s: 0,
  keep_firing_s: 600,
  min_requests: 10,
});

/** Calls and how many of them failed, by quarters of an hour from the start on. */
function calls(rule: RuleDefinition, quarters: readonly (readonly [calls: number, failed: number])[]) {
  const buckets = quarters.flatMap(([n, sum], at) =>
    n === 0 ? [] : { startMs: startMs + at * quarterMs, n, sum, sumSq: sum, bins: {} },
  );
  const group: GroupWindows = groupWindows(rule, {}, buckets as Parameters<typeof groupWindows>[2]);
  return new Map([[labelKey({}), group]]);
}

/** Evaluates once a minute over what is stored by then, as [minute, quarters] say; the turns with their minute. */
function turns(
  rule: RuleDefinition,
  toMinute: number,
  storedAt: (minute: number) => Parameters<typeof calls>[1],
): string[] {
  let known = new Map<string, { labels: Stepped['labels']; state: Lifecycle }>();
  const said: string[] = [];
  for (let minute = 15; minute <= toMinute; minute += 1) {
    const atMs = startMs + minute * minuteMs;
    const stepped = stepRule(rule, calls(rule, storedAt(minute)), known, {
      endMs: atMs,
      nowMs: atMs,
      warmUp: false,
    });
    // What is kept is text.
    known = new Map(
      stepped.map(({ key, labels, state }) => [key, { labels, state: JSON.parse(JSON.stringify(state)) }]),
    );
    for (const { kind, reason } of stepped.flatMap(({ events }) => events))
      if (kind === 'fired' || kind === 'resolved') said.push(`${minute} ${kind}:${reason}`);
  }
  return said;
}

test('late calls take back an alert that would not have fired with them', () => {
  // Of 100 calls only the 30 that failed fast had come by 12:15.
  const late = (minute: number) =>
    [
      [minute < 25 ? 30 : 100, minute < 25 ? 15 : 15],
      [100, 2],
    ] as const;
  expect(turns(errors, 40, late)).toEqual(['15 fired:condition', '25 resolved:retracted']);
});

test('an alert that was right is over in its own time, whatever the quarter under way became', () => {
  // At 12:16 half of the few calls since noon had failed; by 12:30 they are many and fine.
  const passing = (minute: number) =>
    [
      [100, 50],
      [Math.max(1, minute - 15) * 20, 2],
    ] as const;
  expect(turns(errors, 45, passing)).toEqual(['15 fired:condition', '33 resolved:recovered']);
  const stillSo = (minute: number) =>
    [
      [minute < 25 ? 30 : 100, minute < 25 ? 15 : 50],
      [100, 2],
    ] as const;
  expect(turns(errors, 40, stillSo)).toEqual(['15 fired:condition', '40 resolved:recovered']);
});

test('a silence that was only lateness is taken back', () => {
  const noData = { ...errors, no_data: { state: 'notify', after_s: 900 } } as RuleDefinition;
  const late = (minute: number) => {
    const quiet = minute < 70 ? ([0, 0] as const) : ([100, 1] as const);
    return [[100, 1], quiet, quiet, quiet, quiet] as const;
  };
  const said = turns(noData, 80, late);
  expect(said).toEqual([expect.stringMatching(/fired:no_data$/), '70 resolved:retracted']);
});

test('messages say that a window is not complete, and that a verdict is taken back', () => {
  const row = (state: 'firing' | 'resolved', flags: object) =>
    ({
      alert_id: 'alr_1',
      labels: '{}',
      title: 'Error rate of support-bot is 50 %, above 20 %',
      severity: 'warning',
      opened_at: '2026-11-02T12:15:00.000Z',
      resolved_at: state === 'resolved' ? '2026-11-02T12:25:00.000Z' : null,
      rule_name: 'errors',
      value: 50,
      dedup_key: 'k',
      state,
      flags: JSON.stringify({ news: 1, ...flags }),
    }) as RuleAlertRow;
  const said = (type: 'alert.firing' | 'alert.resolved', alert: RuleAlertRow) => {
    const at = { type, atMs: startMs, changedTimes: 1, repeated: false, baseUrl: 'http://127.0.0.1:8080' };
    const payload = alertPayload('grp_1', [alert], at);
    return { data: payload.data, notice: readNotice({ id: 'e', body: JSON.stringify(payload) }) };
  };
  const fired = said('alert.firing', row('firing', { provisional: true }));
  expect(fired.data).toMatchObject({ provisional: true, retracted: false });
  expect(fired.notice.detail).toMatch(/^Provisional: /);
  const over = said('alert.resolved', row('resolved', { retracted: true }));
  expect(over.data).toMatchObject({ provisional: false, retracted: true });
  expect(over.notice.headline).toMatch(/^Retracted: Error rate/);
  expect(over.notice.detail).toMatch(/^Retracted: data that came late/);
});
