import type { MappedField, Mapping, MappingKey } from '#contract/mapping.ts';
import type { TriedSpan } from '../../data/mapping.ts';

interface FieldWords {
  label: string;
  /** Where the built-in rules look; empty when there are none. */
  builtIn: string;
}

/** The fields in the order of the page. */
export const fieldWords: Record<MappedField, FieldWords> = {
  feature: { label: 'Feature', builtIn: 'app.feature, feature.name, then the name of the workflow or agent' },
  tenant: { label: 'Tenant', builtIn: 'tenant.id' },
  team: { label: 'Team', builtIn: 'driftline.team, team' },
  user: { label: 'User', builtIn: 'user.id, enduser.id' },
  session: { label: 'Session', builtIn: 'gen_ai.conversation.id, session.id' },
  prompt_name: { label: 'Prompt name', builtIn: 'gen_ai.prompt.name' },
  prompt_version: { label: 'Prompt version', builtIn: 'gen_ai.prompt.version' },
  variant: { label: 'Variant', builtIn: 'feature_flag.result.variant, app.variant' },
  purpose: { label: 'Purpose', builtIn: 'driftline.purpose; evaluation below an evaluator' },
  outcome: { label: 'Outcome', builtIn: '' },
};

export const fields = Object.keys(fieldWords) as MappedField[];

/** As many as the API takes. */
export const mostKeys = 20;

export const sameKey = (a: MappingKey, b: MappingKey) => a.from === b.from && a.key === b.key;
export const keyId = ({ from, key }: MappingKey) => `${from} ${key}`;

export const sameMapping = (a: Mapping, b: Mapping) =>
  fields.every(
    field =>
      a[field].length === b[field].length && a[field].every((key, at) => sameKey(key, b[field][at] ?? key)),
  );

/** The keys with one of them `by` places further down; unchanged at either end. */
export function moved(keys: readonly MappingKey[], at: number, by: 1 | -1): MappingKey[] {
  const to = at + by;
  const key = keys[at];
  const other = keys[to];
  if (!key || !other) return [...keys];
  return keys.map((one, place) => (place === at ? other : place === to ? key : one));
}

/** Why a key cannot be added; null when it can. */
export function refusal(keys: readonly MappingKey[], added: MappingKey): string | null {
  if (added.key === '') return 'Name the key.';
  if (keys.some(key => sameKey(key, added))) return `${added.key} is in the list already.`;
  if (keys.length >= mostKeys) return `A field has at most ${mostKeys} keys.`;
  return null;
}

export interface SeenKey {
  key: string;
  /** Of the newest span that has it. */
  example: string;
  spans: number;
}

/** Keys of recent spans, those of most spans first. */
export function seenKeys(spans: readonly TriedSpan[], from: MappingKey['from']): SeenKey[] {
  const seen = new Map<string, SeenKey>();
  for (const span of spans) {
    const place = from === 'attribute' ? span.attributes : span.resource;
    for (const [key, example] of Object.entries(place)) {
      const known = seen.get(key);
      if (known) known.spans += 1;
      else seen.set(key, { key, example, spans: 1 });
    }
  }
  return [...seen.values()].sort((a, b) => b.spans - a.spans || (a.key < b.key ? -1 : 1));
}

export interface FieldCount {
  field: MappedField;
  found: number;
  /** Of the found ones, those the ledger holds another value for, or none. */
  different: number;
  spans: number;
}

/** In how many spans each configured field is found. */
export function countFound(spans: readonly TriedSpan[], mapping: Mapping): FieldCount[] {
  return fields
    .filter(field => mapping[field].length > 0)
    .map(field => {
      const all = spans.flatMap(span => span.fields.filter(one => one.field === field));
      const found = all.filter(one => one.configured !== null);
      const different = found.filter(one => one.configured !== one.current).length;
      return { field, found: found.length, different, spans: spans.length };
    });
}
