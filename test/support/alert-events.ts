import type { Memory, OutgoingEvent, SendContext } from '../../alerts/channels/channel.ts';

/** A name as somebody who wants to harm would choose it. */
export const hostileName = '<script>"support" & *billing* [x](http://evil.example) |';

/** An event about one incident, as the outbox holds it. */
export function alertEvent(type: string, n = 1, more: Record<string, unknown> = {}): OutgoingEvent {
  const over = type.endsWith('.resolved');
  const data = {
    id: 'inc_1',
    title: 'Answer quality of support-bot fell 9 points: 0.91 → 0.82',
    state: over ? 'resolved' : 'firing',
    feature: 'support-bot',
    model: 'gpt-5',
    environment: 'prod',
    metric: 'score:quality',
    metric_label: 'Answer quality',
    direction: 'down',
    before: 0.91,
    after: 0.82,
    unit: 'points',
    changed_at: '2026-11-21T14:02:00.000Z',
    changed_between: { from: '2026-11-21T13:45:00.000Z', to: '2026-11-21T14:15:00.000Z' },
    opened_at: '2026-11-21T14:10:00.000Z',
    resolved_at: over ? '2026-11-21T14:40:00.000Z' : null,
    certainty: 'very sure',
    chance_of_noise: 0.003,
    also: [],
    url: 'https://driftline.example/a/inc_1',
    traces_url: 'https://driftline.example/traces?f=feature:support-bot',
    ...more,
  };
  const body = JSON.stringify({ type, timestamp: '2026-11-21T14:10:00.000Z', data });
  return { id: `inc_1.${String(n).padStart(4, '0')}`, body };
}

/** What a sender gives a channel; what the channel keeps is in `kept`. */
export function sendContext(
  more: Partial<SendContext> = {},
): SendContext & { memory: Memory & { kept: unknown } } {
  const memory = {
    kept: null as unknown,
    read: async () => memory.kept,
    write: async (value: object) => {
      memory.kept = JSON.parse(JSON.stringify(value));
    },
  };
  return {
    signing: [],
    now: () => Date.UTC(2026, 10, 21, 14, 10),
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    allowPrivateAddresses: true,
    ...more,
    memory,
  };
}

/** Shapes of a small chart. */
export const chartSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="120"><rect width="320" height="120" fill="#fff"/><text x="10" y="60" font-size="16">0.91</text></svg>';
