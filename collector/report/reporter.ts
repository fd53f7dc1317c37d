const reportMs = 1000;
const tickMs = 5000;
/** Silence would look like a collector that hangs. */
const heartbeatMs = 30_000;

export interface ReporterOptions<Status> {
  status: () => Status;
  /** Told what has changed, once a second and at the end, and now and then when nothing has. */
  onStatus: ((status: Status) => void) | undefined;
  /** Stores what was rejected, every second. */
  storeRejects: () => Promise<void>;
  /** Brings the accounts up to date, every few seconds. */
  tick: () => Promise<void>;
}

/** Runs what has to happen now and then; neither slow work nor a slow store makes it pile up. */
export function startReporter<Status>({ status, onStatus, storeRejects, tick }: ReporterOptions<Status>) {
  let told = '';
  let toldAtMs = 0;
  let rejects: Promise<void> | null = null;
  let ticking: Promise<void> | null = null;
  const report = () => {
    const current = status();
    const text = JSON.stringify(current);
    const nowMs = performance.now();
    if (text !== told || nowMs - toldAtMs >= heartbeatMs) {
      onStatus?.(current);
      told = text;
      toldAtMs = nowMs;
    }
    rejects ??= storeRejects().finally(() => {
      rejects = null;
    });
  };
  const reporting = setInterval(report, reportMs);
  const accounts = setInterval(() => {
    ticking ??= tick().finally(() => {
      ticking = null;
    });
  }, tickMs);
  return {
    /** Ends the loops; `last` is done between the last tick and the last report. */
    async stop(last: () => Promise<void>) {
      clearInterval(reporting);
      clearInterval(accounts);
      await Promise.all([rejects, ticking]);
      await last();
      report();
      await rejects;
    },
  };
}
