let engine: Promise<typeof import('./engine/live-chart.ts')> | undefined;

/** The charting library, fetched once. */
export function loadEngine() {
  engine ??= import('./engine/live-chart.ts').catch((cause: unknown) => {
    // A failed download may succeed at the next chart.
    engine = undefined;
    throw cause;
  });
  return engine;
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
