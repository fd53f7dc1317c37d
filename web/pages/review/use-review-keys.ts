import { useLayoutEffect, useRef } from 'react';

export interface ReviewKeys {
  /** True when the key said something. */
  say(key: string): boolean;
  correct(): void;
  skip(): void;
  undo(): void;
  submit(): void;
}

const TYPING = 'input:not([type=radio]):not([type=checkbox]),textarea,select,[contenteditable=true]';
const OWN_ENTER = 'a,button,summary,input[type=checkbox],[role=tab]';
const LEADER_MS = 1200;

/**
 * Keys of the item at hand. They come before those of the frame, which means other things by `c` and `s`; what follows a `g` is left
 * to it. While typing only Ctrl or Command with Enter submits, and Escape leaves the text.
 */
export function useReviewKeys(keys: ReviewKeys, enabled: boolean) {
  const latest = useRef(keys);
  // Before the item is painted: a key pressed at first sight of it must not be lost, nor go to the one before.
  useLayoutEffect(() => {
    latest.current = keys;
  });
  useLayoutEffect(() => {
    if (!enabled) return;
    let leaderAt = Number.NEGATIVE_INFINITY;
    const listener = (event: KeyboardEvent) => {
      if (event.isComposing || event.altKey) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (target.closest('[role=dialog]')) return;
      const mod = event.ctrlKey || event.metaKey;
      const wasLed = event.timeStamp - leaderAt < LEADER_MS;
      leaderAt = event.key === 'g' && !mod ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (wasLed || event.repeat) return;
      if (pressed(event, target, mod, latest.current)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    window.addEventListener('keydown', listener, true);
    return () => window.removeEventListener('keydown', listener, true);
  }, [enabled]);
}

/** Whether the key was one of ours. */
function pressed(event: KeyboardEvent, target: Element, mod: boolean, keys: ReviewKeys): boolean {
  const { key } = event;
  if (key === 'Enter' && (mod || !(target.closest(TYPING) || target.closest(OWN_ENTER)))) keys.submit();
  else if (mod) return false;
  else if (target.closest(TYPING)) {
    if (key !== 'Escape' || !(target instanceof HTMLElement)) return false;
    target.blur();
  } else if (key === 'c') keys.correct();
  else if (key === 's') keys.skip();
  else if (key === 'u') keys.undo();
  else return keys.say(key);
  return true;
}
