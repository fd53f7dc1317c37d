import { replayHistory } from './history.ts';
import { runLive } from './live.ts';
import { Random } from './random.ts';
import { startTelemetry } from './telemetry.ts';
import { doTeamWork } from './work/team.ts';

export interface DemoOptions {
  /** Base URL of the OTLP/HTTP receiver, e.g. `http://127.0.0.1:4318`. */
  otlpHttpUrl: string;
  key?: string | undefined;
  /** The API, for what the people around the application do once the history is in; without it they do nothing. */
  api?: { url: string; key?: string | undefined } | undefined;
  /** Whether v14 of the support bot's prompt answers worse than v13. The traffic is the same either way. */
  plant: boolean;
  /** Days of history to replay first; 0 for none. The detector needs 28 to know what is normal. */
  historyDays: number;
  /** Same seed, same `nowMs`: the same history with the same ids, so sending it again changes nothing. */
  seed: string;
  /** The moment the history ends and the roll-outs are dated from. */
  nowMs: number;
  /** Live traces a second after the history, as the mean over a week; 0 ends with the history. */
  tracesPerSecond: number;
  log(message: string): void;
  onProgress(fraction: number): void;
  /** Called when the history has been received and live traffic begins. */
  onLive?(): void;
  signal: AbortSignal;
}

export interface DemoResult {
  traces: number;
  /** Acknowledged by the receiver, history only. */
  spans: number;
  scores: number;
}

/**
 * Fills the history, then runs live traffic until `signal` aborts (during the history that rejects with an AbortError).
 * Rejects when the receiver refuses the data.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const filled = options.historyDays > 0 ? await fillHistory(options) : { traces: 0, spans: 0, scores: 0 };
  if (options.tracesPerSecond > 0) await serveLive(options);
  return filled;
}

async function fillHistory(options: DemoOptions): Promise<DemoResult> {
  const { nowMs, plant, signal, historyDays: days, onProgress } = options;
  const random = new Random(`${options.seed}/${nowMs}`);
  const telemetry = startTelemetry({ ...options, ids: random.fork('ids') });
  const history = { telemetry, nowMs, plant, signal, onProgress, days, random: random.fork('history') };
  const traces = await replayHistory(history);
  await telemetry.shutdown();
  const { spans, logs: scores } = telemetry.sent();
  options.log(`demo history: ${days} days, ${traces} traces, ${spans} spans, ${scores} scores`);
  return { traces, spans, scores };
}

async function serveLive(options: DemoOptions): Promise<void> {
  options.onLive?.();
  // Other ids on every run: a demo that is resumed must not repeat itself.
  const random = new Random(`${options.seed}/live/${performance.timeOrigin}`);
  const telemetry = startTelemetry({ ...options, ids: random.fork('ids') });
  const work = options.historyDays > 0 ? teamWork(options) : undefined;
  await runLive({ ...options, telemetry, random: random.fork('requests') });
  await Promise.all([work, telemetry.shutdown()]);
}

/** Beside the traffic; the demo goes on without what cannot be done. */
async function teamWork({ api, signal, seed, nowMs, log }: DemoOptions): Promise<void> {
  if (!api) return;
  await doTeamWork({ ...api, signal }, new Random(`${seed}/${nowMs}/work`)).catch((error: Error) => {
    if (!signal.aborted) log(`the demo's golden set or review queue is not complete: ${error.message}`);
  });
}
