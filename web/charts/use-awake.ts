import { useEffect, useSyncExternalStore } from 'react';

let awake = false;
let isExpected = false;
const listeners = new Set<() => void>();

/** Somebody is about to point at a chart. */
export function wake() {
  if (awake) return;
  awake = true;
  for (const listener of listeners) listener();
}

/** With a mouse a pointer may come any moment; a phone that only reads should not fetch what answers fingers. */
function expectPointer() {
  if (isExpected || !matchMedia('(hover: hover)').matches) return;
  isExpected = true;
  if ('requestIdleCallback' in window) requestIdleCallback(wake, { timeout: 3000 });
  else setTimeout(wake, 500);
}

/** Whether charts should answer the pointer: when the browser is idle, or from the first touch of one. */
export function useAwake(): boolean {
  useEffect(expectPointer, []);
  return useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => awake,
  );
}
