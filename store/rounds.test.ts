import { expect, test } from 'vitest';
import { startRounds } from './rounds.ts';

test('a round that fails is reported and made again; one that is woken does not wait; the last one ends before the stop', async () => {
  const happened: string[] = [];
  let made = 0;
  let wake = () => {};
  const reached = (round: number) =>
    new Promise<void>(resolve => {
      wake = () => made >= round && resolve();
    });
  const rounds = startRounds(
    async () => {
      made += 1;
      happened.push(`round ${made}`);
      wake();
      if (made === 2) throw new Error('no answer');
      // The first one asks for the next at once; what the third answers is too long to wait for.
      return made === 1 ? 0 : 3_600_000;
    },
    { everyMs: 1, failed: error => happened.push((error as Error).message) },
  );
  await reached(3);
  const fourth = reached(4);
  // A wake before the round has begun to rest is not lost on the next one.
  await new Promise(resolve => setImmediate(resolve));
  rounds.wake();
  await fourth;
  await rounds.stop();
  expect(happened).toEqual(['round 1', 'round 2', 'no answer', 'round 3', 'round 4']);
});

test('what a round throws because of the stop is not reported', async () => {
  const failures: unknown[] = [];
  const rounds = startRounds(
    signal =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    { everyMs: 1, failed: error => failures.push(error) },
  );
  await rounds.stop();
  expect(failures).toEqual([]);
});
