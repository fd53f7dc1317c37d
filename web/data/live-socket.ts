import { io } from 'socket.io-client';
import type { LiveEvents } from '#contract/live.ts';
import { apiKey } from './api-key.ts';
import { readLive, setLive } from './live.ts';
import { queryClient } from './query-client.ts';

const THROTTLE_MS = 2000;
/** A page takes at most a quarter of the time of a server that is busy: others want answers too. */
const REST = 3;
const POLL_MS = 30_000;

/** Asks everything on screen again, except lists that must not move under a reader. Resolves when it is answered. */
async function refresh() {
  setLive({ lastMs: Date.now() });
  await queryClient.invalidateQueries({ predicate: query => query.meta?.live !== false });
}

let timer: ReturnType<typeof setTimeout> | undefined;
let restUntilMs = 0;
let isWanted = false;
/** At once after a quiet while, so that the first span is on the page when it is stored; then now and again. */
function refreshSoon() {
  isWanted = true;
  timer ??= setTimeout(
    async () => {
      isWanted = false;
      const beganMs = performance.now();
      if (!document.hidden) await refresh();
      const endedMs = performance.now();
      restUntilMs = endedMs + Math.max(THROTTLE_MS, REST * (endedMs - beganMs));
      timer = undefined;
      // What came while the page was asking is not in what it was answered.
      if (isWanted) refreshSoon();
    },
    Math.max(0, restUntilMs - performance.now()),
  );
}

/** Connects to the server's hints, soon after the page has asked for everything; without a connection the page asks every 30 s. Returns the way to stop. */
export function startLive(): () => void {
  restUntilMs = performance.now() + THROTTLE_MS;
  const socket = io({
    auth: done => done(apiKey() ? { token: apiKey() } : {}),
    transports: ['websocket', 'polling'],
  });
  const on = <Name extends keyof LiveEvents>(name: Name, listener: LiveEvents[Name]) =>
    socket.on(name as string, listener as (...args: unknown[]) => void);
  socket.on('connect', () => {
    // What happened while the connection was lost must be asked for.
    if (readLive().state === 'paused') refreshSoon();
    setLive({ state: 'live', lastMs: Date.now() });
  });
  socket.on('disconnect', () => setLive({ state: 'paused' }));
  socket.on('connect_error', () => readLive().state !== 'paused' && setLive({ state: 'paused' }));
  on('data', () => {
    setLive({ arrivals: readLive().arrivals + 1 });
    refreshSoon();
  });
  on('alert', refreshSoon);

  const poll = setInterval(() => {
    if (readLive().state === 'paused' && !document.hidden) void refresh();
  }, POLL_MS);
  const seen = () => !document.hidden && refreshSoon();
  document.addEventListener('visibilitychange', seen);
  return () => {
    clearInterval(poll);
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
    socket.close();
  };
}
