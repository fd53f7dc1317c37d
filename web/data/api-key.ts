import { useSyncExternalStore } from 'react';

const STORE = 'driftline.key';
const listeners = new Set<() => void>();
let key = readStored();
let refused = false;

function readStored(): string {
  try {
    return sessionStorage.getItem(STORE) ?? '';
  } catch {
    return '';
  }
}

const tell = () => {
  for (const listener of listeners) listener();
};

export const apiKey = () => key;

/** Kept for this tab only. */
export function setApiKey(value: string) {
  key = value;
  refused = false;
  try {
    sessionStorage.setItem(STORE, value);
  } catch {
    // Without storage the key lives until the page is reloaded.
  }
  tell();
}

/** The server answered 401: ask for a key. */
export function keyRefused() {
  if (refused) return;
  refused = true;
  tell();
}

/** Whether the reader must sign in. */
export const useKeyRefused = () =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => refused,
  );
