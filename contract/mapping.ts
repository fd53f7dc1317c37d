import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** What people may say where to find, before the built-in rules of each dialect are asked. */
export const mappedFields = [
  'feature',
  'tenant',
  'team',
  'user',
  'session',
  'prompt_name',
  'prompt_version',
  'variant',
  'purpose',
  'outcome',
] as const;
export type MappedField = (typeof mappedFields)[number];

/** One place to look: an attribute of the span (or log record), or of its resource. */
export const mappingKey = z.object({
  from: z.enum(['attribute', 'resource']),
  key: z.string().trim().min(1).max(256),
});
export type MappingKey = z.infer<typeof mappingKey>;

/** Places per field, in order: the first that is present and not empty wins; none: the built-in rules. */
export const mapping = z.strictObject(
  Object.fromEntries(mappedFields.map(field => [field, z.array(mappingKey).max(20).default([])])) as Record<
    MappedField,
    z.ZodDefault<z.ZodArray<typeof mappingKey>>
  >,
);
export type Mapping = z.infer<typeof mapping>;

/** The configured value of a field in one span, and which key gave it; null when no configured key is present. */
export function readMapped(
  keys: readonly MappingKey[],
  attributes: Readonly<Record<string, string>>,
  resource: Readonly<Record<string, string>>,
): { value: string; key: MappingKey } | null {
  for (const key of keys) {
    const place = key.from === 'attribute' ? attributes : resource;
    // Senders choose the keys: `constructor` is one like any other.
    const value = Object.hasOwn(place, key.key) ? place[key.key]?.trim() : undefined;
    if (value) return { value, key };
  }
  return null;
}

export const getMapping = endpoint(
  'GET',
  '/api/v1/mapping',
  'Where feature, tenant and the like are looked for',
  z.object({}),
  z.object({ mapping, changed_at: z.string().nullable() }),
);

export const putMapping = endpoint(
  'PUT',
  '/api/v1/mapping',
  'Change where feature, tenant and the like are looked for; holds for spans received from then on',
  z.object({ mapping }),
  z.object({ mapping, changed_at: z.string() }),
);

/** Without ids: tried on the most recent spans that carry a model call. */
export const testMapping = endpoint(
  'POST',
  '/api/v1/mapping/test',
  'What a mapping would find in recent spans, without changing anything',
  z.object({ mapping, trace_id: z.string().optional(), span_id: z.string().optional() }),
  z.object({
    spans: z.array(
      z.object({
        trace_id: z.string(),
        span_id: z.string(),
        name: z.string(),
        service: z.string(),
        start: z.string(),
        attributes: z.record(z.string(), z.string()),
        resource: z.record(z.string(), z.string()),
        fields: z.array(
          z.object({
            field: z.enum(mappedFields),
            /** What the mapping finds in this span itself; null: no configured key is present. */
            configured: z.string().nullable(),
            key: mappingKey.nullable(),
            /** What the ledger holds for this call today, inherited values included; null when it holds none. */
            current: z.string().nullable(),
          }),
        ),
      }),
    ),
  }),
);
