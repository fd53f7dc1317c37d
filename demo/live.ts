import { type Application, handleRequest } from './app.ts';
import { realClock } from './clock.ts';
import { features } from './features/index.ts';
import type { Random } from './random.ts';

export interface Live extends Omit<Application, 'clock'> {
  random: Random;
  tracesPerSecond: number;
  signal: AbortSignal;
}

/** Traffic in real time until `signal` aborts: requests arrive at random and overlap as users' requests do. */
export async function runLive(live: Live): Promise<void> {
  const { random, signal, tracesPerSecond } = live;
  const gaps = random.fork('gaps');
  const shares = features.map(feature => [feature, feature.liveShare] as const);
  const underWay = new Set<Promise<void>>();
  const pause = realClock(signal);
  const served = new Map(features.map(feature => [feature, 0]));
  while (!signal.aborted) {
    const feature = gaps.weighted(shares);
    const number = (served.get(feature) ?? 0) + 1;
    served.set(feature, number);
    const app = { ...live, clock: realClock(signal) };
    const request = handleRequest(app, feature, number, random.fork(`${feature.name}/${number}`));
    underWay.add(request);
    void request.finally(() => underWay.delete(request));
    await pause.sleep(gaps.exponential(1000 / tracesPerSecond));
  }
  await Promise.all(underWay);
}
