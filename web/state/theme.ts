import { useSyncExternalStore } from 'react';
import { readStored, useStored } from './stored.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const system = () => matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

/** Shows the reader's choice; called at the start, on a change of it, and when the system's theme changes. */
function applyTheme() {
  const choice = readStored('theme');
  const dark = choice ? choice === 'dark' : system().matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

export function followTheme() {
  applyTheme();
  system().addEventListener('change', applyTheme);
}

/** The choice, and the way to change it. */
export function useThemeChoice(): [Theme, (theme: Theme) => void] {
  const [stored, store] = useStored('theme');
  const choose = (theme: Theme) => {
    store(theme === 'system' ? '' : theme);
    applyTheme();
  };
  return [themes.find(theme => theme === stored) ?? 'system', choose];
}

/** What is shown, for colours that a canvas needs as values. */
export const useShownTheme = () =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => document.documentElement.dataset.theme ?? 'light',
  );
