import { setTimeout as wait } from 'node:timers/promises';
import { core } from '@opentelemetry/sdk-node';

interface ExportResult {
  code: core.ExportResultCode;
  error?: Error;
}

/** What span and log record exporters of the SDK have in common. */
interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface PatientExporter<Item> extends Exporter<Item> {
  forceFlush(): Promise<void>;
  /** Resolves when nothing is on its way; rejects when a batch was given up since the last call. */
  settled(): Promise<void>;
  /** Items the receiver has acknowledged. */
  sent(): number;
}

const PAUSE_MS = { first: 1_000, longest: 15_000 };
const TRIES = 60;

/**
 * The OTLP exporter retries for ten seconds (five times, honouring Retry-After) and then drops the batch. History must be
 * complete, so this goes on for about a quarter of an hour while the receiver holds senders back or restarts.
 */
export function patientExporter<Item>(inner: Exporter<Item>, signal: AbortSignal): PatientExporter<Item> {
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  let givenUp: Error | undefined;

  async function attempt(items: Item[]): Promise<ExportResult> {
    let result: ExportResult = { code: core.ExportResultCode.FAILED };
    for (let tried = 0; tried < TRIES && !(tried && signal.aborted); tried += 1) {
      if (tried) {
        const pause = Math.min(PAUSE_MS.first * tried, PAUSE_MS.longest);
        await wait(pause, undefined, { signal }).catch(() => {});
      }
      result = await new Promise(resolve => inner.export(items, resolve));
      if (result.code === core.ExportResultCode.SUCCESS || isRefused(result.error)) return result;
    }
    return result;
  }

  return {
    export(items, done) {
      const attempted = attempt(items).then(result => {
        if (result.code === core.ExportResultCode.SUCCESS) sent += items.length;
        else givenUp ??= result.error ?? new Error('a batch could not be sent');
        done(result);
      });
      underWay.add(attempted);
      void attempted.finally(() => underWay.delete(attempted));
    },
    forceFlush: async () => inner.forceFlush?.(),
    async settled() {
      await Promise.all(underWay);
      const error = givenUp;
      givenUp = undefined;
      if (error)
        throw new Error(`the receiver did not take the demo's telemetry: ${error.message}`, { cause: error });
    },
    sent: () => sent,
    shutdown: () => inner.shutdown(),
  };
}

/** The receiver has answered that these bytes will never do: wrong key, wrong address, too large. */
function isRefused(error: Error | undefined): boolean {
  const code = error && 'code' in error ? Number(error.code) : Number.NaN;
  return code >= 400 && code < 500 && code !== 408 && code !== 429;
}
