import type { SpendCondition } from '#contract/spend-where.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import { promptOf } from './where.ts';

/** SQL of a dimension over the columns of `spend_15m`. */
export function spendColumn(dimension: SpendDimension): string {
  return dimension === 'prompt' ? promptOf : dimension;
}

/**
 * `AND …` for the conditions, over the columns of `spend_15m`, and its parameters. Values of one dimension are alternatives.
 * `column` tells where a dimension is found in another table.
 */
export function spendWhereSql(
  conditions: readonly SpendCondition[],
  column: (dimension: SpendDimension) => string = spendColumn,
): { sql: string; params: Record<string, string[]> } {
  const params: Record<string, string[]> = {};
  for (const { dimension, value } of conditions) {
    params[`where_${dimension}`] = [...(params[`where_${dimension}`] ?? []), value];
  }
  const dimensions = [...new Set(conditions.map(({ dimension }) => dimension))];
  const parts = dimensions.map(dimension => `AND ${column(dimension)} IN {where_${dimension}:Array(String)}`);
  return { sql: parts.join(' '), params };
}
