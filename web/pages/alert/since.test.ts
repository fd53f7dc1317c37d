import { expect, test } from 'vitest';
import { betweenWords, distanceWords } from './since.ts';

const at = (text: string) => Date.parse(text);

test('an interval is said with as few dates as are needed', () => {
  const between = { from: '2026-11-21T14:15:00.000Z', to: '2026-11-21T16:00:00.000Z' };
  expect(betweenWords(between, at('2026-11-21T18:00:00Z'), 'UTC')).toBe('14:15 and 16:00');
  expect(betweenWords(between, at('2026-11-23T18:00:00Z'), 'UTC')).toMatch(/21.* 14:15 and 16:00$/);
  const overnight = { ...between, from: '2026-11-20T22:00:00.000Z' };
  expect(betweenWords(overnight, at('2026-11-21T18:00:00Z'), 'UTC')).toMatch(/20.* 22:00 and 16:00$/);
  expect(betweenWords(null, 0, 'UTC')).toBeNull();
});

test('a distance counts from the interval, else from the change', () => {
  const words = (interval: number, change: number, has = true) =>
    distanceWords({ minutes_from_interval: interval, minutes_from_change: change }, has);
  expect(words(0, -40)).toBe('within that time');
  expect(words(-2, -122)).toBe('2 min before it');
  expect(words(200, 260)).toBe('3 h after it');
  expect(words(-40, -40, false)).toBe('40 min before it');
  expect(words(0, 0, false)).toBe('at the same time');
});
