import { useDeferredValue } from 'react';

/**
 * An answer that has come; undefined until what it is drawn with may take its time: a page that fills is drawn in slices, between
 * which a tap is heard. Later answers are shown at once.
 */
export function useArrived<Data>(data: Data | undefined): Data | undefined {
  const arrived = useDeferredValue(data !== undefined);
  return arrived ? data : undefined;
}
