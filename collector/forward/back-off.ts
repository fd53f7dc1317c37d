import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOffOptions {
  firstMs: number;
  longestMs: number;
  /** From 0 to 1. */
  random: () => number;
  now: () => number;
}

/** No server may silence us for longer. */
const longestRetryAfterMs = 10 * 60_000;

/** When the next request may go out: one clock for all lanes, since they talk to one server. */
export class BackOff {
  /** When requests began to fail; null while they succeed. */
  failingSinceMs: number | null = null;
  private readonly options: BackOffOptions;
  private failures = 0;
  /** No request goes out before. */
  readyAtMs = 0;

  constructor(options: BackOffOptions) {
    this.options = options;
  }

  /** Resolves when it is time; false when `abort` came first. */
  async wait(abort: AbortSignal): Promise<boolean> {
    for (;;) {
      const waitMs = this.readyAtMs - this.options.now();
      if (abort.aborted) return false;
      if (waitMs <= 0) return true;
      await sleep(waitMs, undefined, { signal: abort }).catch(() => {});
    }
  }

  /** Doubles with every round of failures, less up to half by chance; longer when the server asks for it. */
  failed(retryAfterMs: number | null): void {
    const { firstMs, longestMs, random, now } = this.options;
    this.failingSinceMs ??= now();
    // Requests that were on their way together fail together: that is one failure.
    if (now() >= this.readyAtMs) {
      const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(this.failures, 30));
      this.failures++;
      this.readyAtMs = now() + fullMs * (1 - random() / 2);
    }
    const askedMs = Math.min(retryAfterMs ?? 0, longestRetryAfterMs);
    this.readyAtMs = Math.max(this.readyAtMs, now() + askedMs);
  }

  succeeded(): void {
    this.failures = 0;
    this.readyAtMs = 0;
    this.failingSinceMs = null;
  }
}
