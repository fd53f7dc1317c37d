import { useEffect, useRef } from 'react';
import type { Action } from '../keys.ts';

type Handler = () => void;
/** What the page can do, by action; the last of each is the nearest. */
export const handlers = new Map<Action, Handler[]>();

interface ActionOptions {
  enabled?: boolean;
  /** Only when nothing else on the page handles the key. */
  fallback?: boolean;
}

/** Does something on a key while the component is shown; the one mounted last wins. */
export function useAction(
  action: Action,
  handler: Handler,
  { enabled = true, fallback = false }: ActionOptions = {},
) {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return;
    const call = () => latest.current();
    const others = handlers.get(action) ?? [];
    // Children mount before their parents, so the order alone does not tell who is nearer.
    handlers.set(action, fallback ? [call, ...others] : [...others, call]);
    return () =>
      void handlers.set(
        action,
        (handlers.get(action) ?? []).filter(one => one !== call),
      );
  }, [action, enabled, fallback]);
}
