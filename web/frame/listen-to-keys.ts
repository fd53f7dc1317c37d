import { type Pending, readKey } from '../keys.ts';
import { handlers } from './use-action.ts';

const FIELDS = 'input:not([type=radio]):not([type=checkbox]),textarea,select,[contenteditable=true]';
const CONTROLS = 'a,button,summary,input,[role=tab],[role=option]';

/** Listens to the keys of the map; called once, by the shell. */
export function listenToKeys(): () => void {
  let pending: Pending | null = null;
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : document.body;
    // An open dialog or panel has the keyboard to itself.
    const inDialog = target.closest('[role=dialog]') !== null;
    const read = readKey(pending, {
      key: event.key,
      mod: event.ctrlKey || event.metaKey,
      alt: event.altKey,
      inField: inDialog || target.closest(FIELDS) !== null,
      onControl: target.closest(CONTROLS) !== null,
      timeMs: event.timeStamp,
    });
    pending = read.pending;
    const handler = read.action && handlers.get(read.action)?.at(-1);
    if (!handler) return;
    event.preventDefault();
    handler();
  };
  window.addEventListener('keydown', listener);
  return () => window.removeEventListener('keydown', listener);
}
