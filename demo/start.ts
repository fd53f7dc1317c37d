import { replayHistory } from './history.ts';
import { runLive } from './live.ts';
import { Random } from './random.ts';
import { startTelemetry } from './telemetry.ts';

export interface DemoOptions {
  /** Base URL of the OTLP/HTTP receiver, e.g. `http://127.0.0.1:4318`. */
  otlpHttpUrl: string;
  key?: string | undefined;
  /** Whether v14 of the support bot's prompt answers worse than v13. The traffic is the same either way. */
  plant: boolean;
  /** Days of history to replay first; 0 for none. */
  historyDays: number;
  /** Same seed, same `nowMs`: same spans with the same ids, so sending them again changes nothing. */
  seed: string;
  nowMs: number;
  /** Traces a second after the history, about 2; 0 ends with the history. */
  tracesPerSecond: number;
  log(message: string): void;
  onProgress(fraction: number): void;
  /** Called when the history is stored and live traffic begins. */
  onLive?(): void;
  signal: AbortSignal;
}

export interface DemoResult {
  traces: number;
  spans: number;
  logs: number;
}

/** Fills the history, then runs live traffic until `signal` aborts. Rejects when the receiver refuses the data. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { signal, seed, nowMs, plant, historyDays, tracesPerSecond } = options;
  const random = new Random(`${seed}/${nowMs}`);
  const telemetry = startTelemetry({ ...options, ids: random.fork('ids') });
  let traces = 0;
  if (historyDays > 0) {
    const history = { telemetry, nowMs, plant, signal, random: random.fork('history'), days: historyDays };
    traces = await replayHistory({ ...history, onProgress: options.onProgress });
    const { spans, logs } = telemetry.sent();
    options.log(`demo history: ${historyDays} days, ${traces} traces, ${spans} spans, ${logs} scores`);
  }
  if (tracesPerSecond > 0) {
    options.onLive?.();
    // Every run draws other ids than the last: a resumed demo must not repeat itself.
    const live = startTelemetry({ ...options, ids: new Random(`${seed}/live/${Date.now()}`) });
    const running = { telemetry: live, nowMs, plant, signal, tracesPerSecond };
    await runLive({ ...running, random: new Random(`${seed}/live/${Date.now()}`) });
    await live.shutdown();
  }
  const sent = telemetry.sent();
  await telemetry.shutdown();
  return { traces, ...sent };
}
