import { describe, expect, test } from 'vitest';
import { type Member, nothingTold, type PlanSettings, plan } from './plan.ts';

const secondMs = 1000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const settings: PlanSettings = {
  groupWaitMs: 30 * secondMs,
  groupIntervalMs: 5 * minuteMs,
  repeatMs: 4 * hourMs,
  channelIds: ['chat'],
  escalation: [
    { afterMs: 15 * minuteMs, channelIds: ['pager'] },
    { afterMs: hourMs, channelIds: ['boss'] },
  ],
};

const member = (id: string, more: Partial<Member> = {}): Member => ({
  id,
  firing: true,
  news: 1,
  acknowledged: false,
  snoozedUntilMs: null,
  muted: false,
  ...more,
});

/** What a group says when it is looked at every ten seconds; members as they are from a second on. */
function say(
  course: readonly [fromS: number, members: Member[]][],
  untilMs: number,
  changed: Partial<PlanSettings> = {},
): string[] {
  let told = nothingTold();
  const said: string[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 10 * secondMs) {
    const members = course.findLast(([fromS]) => fromS * secondMs <= nowMs)![1];
    const next = plan(told, members, { nowMs, settings: { ...settings, ...changed } });
    told = JSON.parse(JSON.stringify(next.told)) as typeof told;
    for (const { kind, message, channelIds, changedTimes } of next.planned)
      said.push(
        `${nowMs / secondMs}s ${message} ${kind} ${channelIds.join('+')}${changedTimes > 1 ? ` x${changedTimes}` : ''}`,
      );
    if (next.closed) {
      said.push(`${nowMs / secondMs}s closed`);
      break;
    }
  }
  return said;
}

const over = (id: string, news = 2) => member(id, { firing: false, news });

describe('one group', () => {
  test('waits for others of the same cause, repeats and escalates until somebody has it', () => {
    expect(say([[0, [member('a')]]], 6 * hourMs)).toEqual([
      '30s 1 firing chat',
      '930s 2 escalated pager',
      '3630s 3 escalated boss',
      '18030s 4 repeated chat+pager+boss',
    ]);
  });

  test('an alert that was over before the first message is never told', () => {
    expect(
      say(
        [
          [0, [member('a')]],
          [20, [over('a')]],
        ],
        hourMs,
      ),
    ).toEqual(['20s closed']);
  });

  test('two that fire within the wait are one message', () => {
    expect(
      say(
        [
          [0, [member('a')]],
          [20, [member('a'), member('b')]],
        ],
        10 * minuteMs,
      ),
    ).toEqual(['30s 1 firing chat x2']);
  });

  test('firing, resolved and firing again inside one interval: the state of now, and how often it changed', () => {
    const course: [number, Member[]][] = [
      [0, [member('a')]],
      [60, [over('a')]],
      [120, [over('a'), member('b')]],
    ];
    expect(say(course, 10 * minuteMs)).toEqual(['30s 1 firing chat', '330s 2 updated chat x2']);
  });

  test('the end comes at the interval and closes the group', () => {
    expect(
      say(
        [
          [0, [member('a')]],
          [60, [over('a')]],
        ],
        hourMs,
      ),
    ).toEqual(['30s 1 firing chat', '330s 2 resolved chat', '330s closed']);
  });

  test('acknowledging stops repeats and escalation, not the end', () => {
    const course: [number, Member[]][] = [
      [0, [member('a')]],
      [100, [member('a', { acknowledged: true })]],
      [20_000, [over('a')]],
    ];
    expect(say(course, 6 * hourMs)).toEqual(['30s 1 firing chat', '20000s 2 resolved chat', '20000s closed']);
  });

  test('something new after it was acknowledged is told', () => {
    const taken = member('a', { acknowledged: true });
    const course: [number, Member[]][] = [
      [0, [member('a')]],
      [100, [taken]],
      [600, [taken, member('b')]],
    ];
    expect(say(course, 20 * minuteMs)).toEqual([
      '30s 1 firing chat',
      '600s 2 updated chat',
      '930s 3 escalated pager',
    ]);
  });

  test('snoozed: nothing until then', () => {
    const course: [number, Member[]][] = [
      [0, [member('a')]],
      [100, [member('a', { snoozedUntilMs: 6 * hourMs })]],
    ];
    expect(say(course, 6 * hourMs - secondMs)).toEqual(['30s 1 firing chat']);
    expect(
      say(course, 6 * hourMs)
        .slice(1)
        .map(one => one.split(' ')[2]),
    ).toEqual(['escalated', 'escalated']);
  });

  test('muted from the start: told when the silence is over, if it still fires', () => {
    const course: [number, Member[]][] = [
      [0, [member('a', { muted: true })]],
      [3600, [member('a')]],
    ];
    expect(say(course, hourMs + 5 * minuteMs)).toEqual(['3630s 1 firing chat']);
  });

  test('muted and over: nobody ever hears of it', () => {
    const course: [number, Member[]][] = [
      [0, [member('a', { muted: true })]],
      [3600, [over('a')]],
    ];
    expect(say(course, 2 * hourMs)).toEqual(['3600s closed']);
  });

  test('whoever was told hears of the end, also when it is muted by then', () => {
    const course: [number, Member[]][] = [
      [0, [member('a')]],
      [100, [member('a', { muted: true })]],
      [600, [{ ...over('a'), muted: true }]],
    ];
    expect(say(course, hourMs)).toEqual(['30s 1 firing chat', '600s 2 resolved chat', '600s closed']);
  });

  test('without waits everything is told at once, as for an incident', () => {
    const course: [number, Member[]][] = [
      [0, [member('a')]],
      [10, [member('a', { news: 2 })]],
      [20, [over('a', 3)]],
    ];
    expect(say(course, hourMs, { groupWaitMs: 0, groupIntervalMs: 0 })).toEqual([
      '0s 1 firing chat',
      '10s 2 updated chat',
      '20s 3 resolved chat',
      '20s closed',
    ]);
  });
});
