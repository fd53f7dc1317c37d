import type { CollectorLog } from '../hooks.ts';
import type { Call, CallCost } from '../request/call.ts';

/** Prices one call of a project. */
export type Price = (call: Call, projectId: string) => CallCost;

const unknownCost: CallCost = {
  nanos: null,
  lowNanos: null,
  highNanos: null,
  uncachedNanos: null,
  byKind: {},
  priceVersion: '',
};

/** Different failures that are logged; they differ by a few words, or it is not worth knowing them all. */
const maxLogged = 50;

/**
 * A pricing that never throws: a call for which `price` does has no known cost and the flag `pricing_failed`, since nothing
 * but its cost is unknown, and neither its trace nor its neighbours are to blame. Each failure is logged once.
 */
export function pricing(price: Price, log: CollectorLog) {
  const logged = new Set<string>();
  return (call: Call, projectId: string): { call: Call; cost: CallCost } => {
    try {
      return { call, cost: price(call, projectId) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!logged.has(reason) && logged.size < maxLogged) {
        logged.add(reason);
        const { traceId, spanId, model } = call;
        log.error({ error, traceId, spanId, model }, 'a call could not be priced; it is kept without a cost');
      }
      return { call: { ...call, flags: [...call.flags, 'pricing_failed'] }, cost: unknownCost };
    }
  };
}
