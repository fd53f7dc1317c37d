import { type Application, handleRequest } from './app.ts';
import { simulatedClock } from './clock.ts';
import type { Random } from './random.ts';
import { arrivals } from './traffic.ts';

const DAY_MS = 86_400_000;
/** Small enough for the SDK's queues, large enough for requests of a thousand spans. */
const TRACES_PER_FLUSH = 1_000;

export interface History extends Omit<Application, 'clock'> {
  random: Random;
  days: number;
  signal: AbortSignal;
  /** Share of the history that has been acknowledged, in [0, 1]. */
  onProgress(fraction: number): void;
}

/** Replays `days` days of traffic that end now, as fast as the receiver takes it. Resolves to the number of traces. */
export async function replayHistory(history: History): Promise<number> {
  const { nowMs, days, random, telemetry, signal } = history;
  const fromMs = nowMs - days * DAY_MS;
  // The last request must have ended before now, or the live part would overlap it.
  const toMs = nowMs - 60_000;
  let traces = 0;
  for (const { atMs, feature, number } of arrivals(random, fromMs, toMs)) {
    signal.throwIfAborted();
    const app = { ...history, clock: simulatedClock(atMs) };
    await handleRequest(app, feature, number, random.fork(`${feature.name}/${number}`));
    traces += 1;
    if (traces % TRACES_PER_FLUSH === 0) {
      await telemetry.flush();
      history.onProgress((atMs - fromMs) / (nowMs - fromMs));
    }
  }
  await telemetry.flush();
  history.onProgress(1);
  return traces;
}
