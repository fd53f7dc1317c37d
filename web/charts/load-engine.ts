let engine: Promise<typeof import('./engine.ts')> | undefined;

/** The charting library, fetched once. */
export function loadEngine() {
  engine ??= import('./engine.ts').catch((cause: unknown) => {
    // A failed download may succeed at the next chart.
    engine = undefined;
    throw cause;
  });
  return engine;
}

/** Fetches it when the browser has nothing better to do. */
export function loadEngineWhenIdle() {
  const load = () => void loadEngine().catch(() => undefined);
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: 2000 });
  else setTimeout(load, 200);
}

let last: Promise<void> = Promise.resolve();

/** Runs one task per turn of the browser, so that several charts do not make one long task. */
export function inTurn(task: () => void): void {
  last = last.then(
    () =>
      new Promise(done => {
        setTimeout(() => {
          try {
            task();
          } finally {
            done();
          }
        });
      }),
  );
}
