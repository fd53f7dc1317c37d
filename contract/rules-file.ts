import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { routing } from './route.ts';
import { ruleDefinition } from './rule.ts';

/** `driftline.yaml` after its durations were read: what is said here replaces what files said before. */
export const rulesFile = z.strictObject({
  version: z.literal(1),
  rules: z
    .array(ruleDefinition)
    .max(1000)
    .refine(all => new Set(all.map(({ name }) => name)).size === all.length, 'two rules have one name')
    .default([]),
  /** Left out: routes stay as they are. */
  routing: routing.optional(),
});
export type RulesFile = z.output<typeof rulesFile>;

const change = z.object({
  what: z.enum(['rule', 'routing']),
  name: z.string(),
  action: z.enum(['add', 'change', 'remove']),
  /** Lines of both versions as YAML, `-` before, `+` after, ` ` in both. */
  diff: z.array(z.string()),
});
export type RulesChange = z.infer<typeof change>;

export const applyRules = endpoint(
  'POST',
  '/api/v1/rules/apply',
  'Make rules and routes be as a driftline.yaml says; rules made in the dashboard stay',
  z.object({
    yaml: z.string().max(1_000_000),
    dry_run: z.boolean().default(false),
  }),
  z.object({ applied: z.boolean(), changes: z.array(change), unchanged: z.int() }),
);

export const exportRules = {
  ...endpoint(
    'GET',
    '/api/v1/rules/driftline.yaml',
    'All plain rules and routes as a driftline.yaml',
    z.object({}),
    z.unknown(),
  ),
  files: ['application/yaml'],
};
