import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();

export function readStored(name: string): string {
  try {
    return localStorage.getItem(`driftline.${name}`) ?? '';
  } catch {
    return '';
  }
}

export function writeStored(name: string, value: string) {
  try {
    if (value === '') localStorage.removeItem(`driftline.${name}`);
    else localStorage.setItem(`driftline.${name}`, value);
  } catch {
    // Storage may be forbidden; the choice then lasts until the page is closed.
  }
  for (const listener of listeners) listener();
}

/** A small choice of this browser, such as the theme; the empty text when none was made. */
export function useStored(name: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => readStored(name),
  );
  return [value, next => writeStored(name, next)];
}
