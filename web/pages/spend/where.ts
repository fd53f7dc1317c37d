import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, spendDimensions } from '#contract/spend-words.ts';

const escaped = (value: string) => value.replace(/[\\,]/g, character => `\\${character}`);

/** `feature:chat,model:gpt-4o` as the API reads it. */
export const writeWhere = (conditions: readonly SpendCondition[]) =>
  conditions.map(({ dimension, value }) => `${dimension}:${escaped(value)}`).join(',');

export const isDimension = (name: string): name is SpendDimension =>
  (spendDimensions as readonly string[]).includes(name);

/** Conditions of a link; what is none is left out, so that an old link still opens. */
export function readWhere(text: string): SpendCondition[] {
  return [...text.matchAll(/(?:\\.|[^,\\])+/gs)].flatMap(([part]) => {
    const plain = part.replace(/\\(.)/gs, '$1');
    const at = plain.indexOf(':');
    const dimension = plain.slice(0, Math.max(at, 0));
    return isDimension(dimension) ? [{ dimension, value: plain.slice(at + 1) }] : [];
  });
}

/** The conditions narrowed to some values of one dimension, which must be among those allowed before. */
export const narrowed = (
  conditions: readonly SpendCondition[],
  dimension: SpendDimension,
  values: readonly string[],
): SpendCondition[] => [
  ...conditions.filter(one => one.dimension !== dimension),
  ...values.map(value => ({ dimension, value })),
];

/** Whether two lists say the same, in whatever order. */
export function sameConditions(some: readonly SpendCondition[], others: readonly SpendCondition[]): boolean {
  const written = (list: readonly SpendCondition[]) =>
    [...new Set(list.map(one => writeWhere([one])))].sort().join();
  return written(some) === written(others);
}
