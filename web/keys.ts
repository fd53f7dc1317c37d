/** The one map of keys: what a key does, and where it is explained. */
export const keymap = [
  { keys: 'mod+k', action: 'palette', label: 'Search and commands', group: 'Everywhere' },
  { keys: '?', action: 'help', label: 'This list', group: 'Everywhere' },
  { keys: '/', action: 'search', label: 'Search this page', group: 'Everywhere' },
  { keys: 'g o', action: 'go-overview', label: 'Go to Overview', group: 'Everywhere' },
  { keys: 'g a', action: 'go-alerts', label: 'Go to Alerts', group: 'Everywhere' },
  { keys: 'g t', action: 'go-traces', label: 'Go to Traces', group: 'Everywhere' },
  { keys: 'g s', action: 'go-spend', label: 'Go to Spend', group: 'Everywhere' },
  { keys: 'g q', action: 'go-quality', label: 'Go to Quality', group: 'Everywhere' },
  { keys: 'g d', action: 'go-drift', label: 'Go to Drift', group: 'Everywhere' },
  { keys: 'g c', action: 'go-compare', label: 'Go to Compare', group: 'Everywhere' },
  { keys: 'g b', action: 'go-budgets', label: 'Go to Budgets', group: 'Everywhere' },
  { keys: 'g i', action: 'go-ingest', label: 'Go to Ingest', group: 'Everywhere' },
  { keys: '[', action: 'earlier', label: 'Earlier', group: 'Time range' },
  { keys: ']', action: 'later', label: 'Later', group: 'Time range' },
  { keys: 'z', action: 'zoom-out', label: 'Zoom out', group: 'Time range' },
  { keys: 'c', action: 'compare', label: 'Next comparison', group: 'Time range' },
  { keys: 'j', action: 'next', label: 'Next row', group: 'Lists' },
  { keys: 'k', action: 'previous', label: 'Previous row', group: 'Lists' },
  { keys: 'enter', action: 'open', label: 'Open row', group: 'Lists' },
  { keys: 'e', action: 'export', label: 'Export', group: 'Spend' },
  { keys: 'a', action: 'acknowledge', label: 'Acknowledge', group: 'Alerts' },
  { keys: 's', action: 'snooze', label: 'Snooze', group: 'Alerts' },
] as const;

export type Action = (typeof keymap)[number]['action'];

export interface KeyPress {
  key: string;
  /** Control or Command. */
  mod: boolean;
  alt: boolean;
  /** The reader is typing. */
  inField: boolean;
  /** The focused element has its own meaning of Enter. */
  onControl: boolean;
  timeMs: number;
}

/** First key of a sequence that is still open. */
export interface Pending {
  key: string;
  timeMs: number;
}

const SEQUENCE_MS = 1200;
const byKeys = new Map<string, Action>(keymap.map(({ keys, action }) => [keys, action]));
const leaders = new Set(keymap.flatMap(({ keys }) => (keys.includes(' ') ? [keys[0] as string] : [])));

/** What a key press means after what was pressed before. Single keys are inactive while typing. */
export function readKey(
  pending: Pending | null,
  press: KeyPress,
): { action: Action | null; pending: Pending | null } {
  const nothing = { action: null, pending: null };
  const key = press.key.length === 1 ? press.key : press.key.toLowerCase();
  if (press.alt) return nothing;
  if (press.mod) return { action: byKeys.get(`mod+${key.toLowerCase()}`) ?? null, pending: null };
  if (press.inField) return nothing;
  if (key === 'enter' && press.onControl) return nothing;
  if (pending && press.timeMs - pending.timeMs <= SEQUENCE_MS) {
    const action = byKeys.get(`${pending.key} ${key}`);
    if (action) return { action, pending: null };
  }
  if (leaders.has(key)) return { action: null, pending: { key, timeMs: press.timeMs } };
  return { action: byKeys.get(key) ?? null, pending: null };
}
