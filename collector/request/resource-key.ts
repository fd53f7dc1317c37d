import { createHash } from 'node:crypto';
import type { Resource } from '../telemetry.ts';

// Spans of one request share their resource object, so most keys are made once per request.
const known = new WeakMap<Resource, string>();

/** Equal for spans of one process and, practically, for no others: a hash over all resource attributes. */
export function resourceKeyOf(resource: Resource): string {
  const cached = known.get(resource);
  if (cached !== undefined) return cached;
  const sorted = Object.entries(resource.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const key = createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
  known.set(resource, key);
  return key;
}
