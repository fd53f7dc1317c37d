import { setTimeout as wait } from 'node:timers/promises';
import { type Application, handleRequest } from './app.ts';
import { pacedClock } from './clock.ts';
import type { Feature } from './features/feature.ts';
import { features } from './features/index.ts';
import type { Random } from './random.ts';
import { seasonality } from './traffic.ts';

export interface Live extends Omit<Application, 'clock'> {
  random: Random;
  /** Mean over a week; the hour and the weekday decide, as in the history. */
  tracesPerSecond: number;
  signal: AbortSignal;
}

/** Also in the small hours something moves on the page. */
const LEAST_PER_SECOND = 0.06;

/** Traffic in real time until `signal` aborts: requests arrive at random and overlap as users' requests do. */
export async function runLive(live: Live): Promise<void> {
  const { random, signal, tracesPerSecond } = live;
  const gaps = random.fork('gaps');
  const shares = features.map(feature => [feature, feature.liveShare] as const);
  const served = new Map<Feature, number>();
  const underWay = new Set<Promise<void>>();
  while (!signal.aborted) {
    const feature = gaps.weighted(shares);
    const number = (served.get(feature) ?? 0) + 1;
    served.set(feature, number);
    const app = { ...live, clock: pacedClock(signal) };
    const request = handleRequest(app, feature, number, random.fork(`${feature.name}/${number}`));
    underWay.add(request);
    void request.finally(() => underWay.delete(request));
    const perSecond = Math.max(LEAST_PER_SECOND, tracesPerSecond * seasonality(Date.now()));
    await wait(gaps.exponential(1000 / perSecond), undefined, { signal }).catch(() => {});
  }
  await Promise.all(underWay);
}
