// Loaded into the collector by the benchmark: the longest time its event loop was kept, second by second.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.DRIFTLINE_TEST_LOOP_FILE;
if (file) {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  setInterval(() => {
    appendFileSync(file, `${Date.now()} ${(delays.max / 1e6).toFixed(1)}\n`);
    delays.reset();
  }, 1000).unref();
}
