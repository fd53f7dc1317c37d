import type { Condition, Dimension } from '#contract/dimension.ts';

/** The contract's dimensions again, because its list needs the validation library; the type keeps them equal. */
export const dimensionLabels: Record<Dimension, string> = {
  feature: 'Feature',
  model: 'Model',
  prompt: 'Prompt version',
  release: 'Release',
  service: 'Service',
  provider: 'Provider',
  tenant: 'Tenant',
  team: 'Team',
  user: 'User',
  session: 'Session',
  variant: 'Variant',
  operation: 'Operation',
  request_model: 'Requested model',
  finish_reason: 'Finish reason',
  error_type: 'Error type',
  dialect: 'Telemetry dialect',
  environment: 'Environment',
};
export const dimensions = Object.keys(dimensionLabels) as Dimension[];

const isDimension = (name: string): name is Dimension => Object.hasOwn(dimensionLabels, name);
const escaped = (value: string) => value.replace(/[\\,]/g, character => `\\${character}`);

/** `feature:chat,model:gpt-4o`; commas and backslashes inside a value are escaped as the API expects. */
export const writeFilters = (filters: Condition[]) =>
  filters.map(({ dimension, value }) => `${dimension}:${escaped(value)}`).join(',');

/** Conditions of the text; what is no condition is left out, so that an old link still opens. */
export function readFilters(text: string): Condition[] {
  const found: Condition[] = [];
  for (const [part] of text.matchAll(/(?:\\.|[^,\\])+/gs)) {
    const plain = part.replace(/\\(.)/gs, '$1');
    const at = plain.indexOf(':');
    const dimension = plain.slice(0, Math.max(at, 0));
    if (isDimension(dimension)) found.push({ dimension, value: plain.slice(at + 1) });
  }
  return found;
}

const same = (a: Condition, b: Condition) => a.dimension === b.dimension && a.value === b.value;

/** With the condition when it was missing, without it when it was there. */
export const toggleFilter = (filters: Condition[], one: Condition) =>
  filters.some(each => same(each, one)) ? filters.filter(each => !same(each, one)) : [...filters, one];
