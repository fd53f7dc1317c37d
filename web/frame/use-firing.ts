import { useInbox } from '../pages/alerts/use-inbox.ts';

/** How much needs someone: what fires and is neither taken nor snoozed, as the inbox counts it. */
export function useFiring(): number {
  const { itemsIn, internalIn } = useInbox();
  return itemsIn('firing').length + internalIn('firing').length;
}
