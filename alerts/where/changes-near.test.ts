import { expect, test } from 'vitest';
import { rankChanges } from './changes-near.ts';

const minuteMs = 60_000;
const changedAtMs = Date.UTC(2026, 10, 21, 15);
const interval = { fromMs: changedAtMs - 45 * minuteMs, toMs: changedAtMs + 60 * minuteMs };
const at = (minutes: number) => new Date(changedAtMs + minutes * minuteMs).toISOString();
const seen = (
  kind: 'prompt' | 'tool' | 'error_type' | 'release',
  value: string,
  minutes: number,
  share: number,
) => ({
  kind,
  value,
  at: at(minutes),
  share,
  by: null,
  url: null,
});
const marker = {
  kind: 'marker' as const,
  value: 'temperature',
  at: at(-20),
  share: null,
  by: 'ci',
  url: null,
};
const cause = (value: string, explained: number) => ({
  conditions: [{ dimension: 'prompt' as const, value }],
  same_calls: [[{ dimension: 'release' as const, value: '2.4' }]],
  explained,
});

test('what explains the shift comes first, then what lies in the interval, symptoms and rare things last', () => {
  const found = [
    seen('error_type', 'timeout', 0, 0.02),
    seen('tool', 'refund', 300, 0.6),
    seen('prompt', 'v14', -50, 0.5),
    seen('release', '2.4', -400, 0.5),
    marker,
  ];
  const ranked = rankChanges(found, { changedAtMs, interval, causes: [cause('v14', 0.8)] });
  expect(ranked.map(({ value }) => value)).toEqual(['v14', '2.4', 'temperature', 'timeout', 'refund']);
  expect(ranked[0]).toMatchObject({ minutes_from_change: -50, minutes_from_interval: -5, explained: 0.8 });
  // Other names for the same calls explain as much.
  expect(ranked[1]).toMatchObject({ explained: 0.8 });
  expect(ranked[2]).toMatchObject({ minutes_from_interval: 0, explained: null, by: 'ci' });
  expect(ranked[4]).toMatchObject({ minutes_from_interval: 240 });
});
