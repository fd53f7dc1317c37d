import { useSyncExternalStore } from 'react';

/** Whether a media query holds, followed as it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    listener => {
      const media = matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Too narrow for a table of many columns. */
export const useNarrow = () => useMedia('(max-width: 1023.98px)');

export const usePhone = () => useMedia('(max-width: 767.98px)');
