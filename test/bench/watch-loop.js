// Loaded into a process by a benchmark: the longest time its event loop was kept, second by second, and the longest that its
// own work kept it: of a loop that waits for a core, which others have, the rest is their time.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.DRIFTLINE_TEST_LOOP_FILE;
const everyMs = 2;
// The thread that answers senders.
if (file && isMainThread) {
  let last = { ms: performance.now(), ownMs: ownMs() };
  let longest = { ms: 0, ownMs: 0 };
  setInterval(() => {
    const now = { ms: performance.now(), ownMs: ownMs() };
    const keptMs = now.ms - last.ms - everyMs;
    longest = {
      ms: Math.max(longest.ms, keptMs),
      ownMs: Math.max(longest.ownMs, Math.min(keptMs, now.ownMs - last.ownMs)),
    };
    last = now;
  }, everyMs).unref();
  setInterval(() => {
    appendFileSync(file, `${Date.now()} ${longest.ms.toFixed(1)} ${longest.ownMs.toFixed(1)}\n`);
    longest = { ms: 0, ownMs: 0 };
  }, 1000).unref();
}

/** CPU time of this thread. */
function ownMs() {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
}
