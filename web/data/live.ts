import { useSyncExternalStore } from 'react';

/** State of the socket. `arrivals` counts hints of new data since the page was opened. */
export interface Live {
  state: 'connecting' | 'live' | 'paused';
  /** Epoch milliseconds of the last message or refresh, null before the first. */
  lastMs: number | null;
  arrivals: number;
}

let live: Live = { state: 'connecting', lastMs: null, arrivals: 0 };
const listeners = new Set<() => void>();

/** For the socket; everybody else only looks. */
export function setLive(change: Partial<Live>) {
  live = { ...live, ...change };
  for (const listener of listeners) listener();
}

export const useLive = () =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => live,
  );

export const readLive = () => live;
