import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('so many run at a time, the others in their order, also after one that failed', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const work = (id: number) => async () => {
    begun.push(id);
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>(resolve => ends.push(resolve));
    running -= 1;
    if (id === 1) throw new Error('failed');
    return id;
  };
  const all = Promise.allSettled([0, 1, 2, 3, 4].map(id => inTurn(work(id))));
  while (begun.length < 5 || ends.length > 0) {
    ends.shift()?.();
    await new Promise(resolve => setImmediate(resolve));
  }
  const settled = await all;
  expect(settled.map(one => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([
    0,
    'failed',
    2,
    3,
    4,
  ]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
  expect(await inTurn(async () => 'free again')).toBe('free again');
});
