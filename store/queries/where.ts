import type { Condition, Dimension } from '#contract/dimension.ts';

/** Prompt as people name it: `greeting v3`, or the name alone when it has no version. */
export const promptOf =
  "if(prompt_version = '', prompt_name, trim(concat(prompt_name, ' ', prompt_version)))";

/** SQL of a dimension over the columns of `calls`. */
export function dimensionColumn(dimension: Dimension): string {
  return dimension === 'prompt' ? promptOf : `\`${dimension}\``;
}

/**
 * `AND …` for the conditions, over the columns of `calls`, and its parameters. Values of one dimension are alternatives; a
 * model is found by any of its names.
 */
export function whereSql(conditions: readonly Condition[]): {
  sql: string;
  params: Record<string, string[]>;
} {
  const byDimension = new Map<Dimension, string[]>();
  for (const { dimension, value } of conditions) {
    byDimension.set(dimension, [...(byDimension.get(dimension) ?? []), value]);
  }
  const params: Record<string, string[]> = {};
  const parts = [...byDimension].map(([dimension, values]) => {
    params[`where_${dimension}`] = values;
    const columns =
      dimension === 'model' ? ['model', 'request_model', 'response_model'] : [dimensionColumn(dimension)];
    return `AND (${columns.map(column => `${column} IN {where_${dimension}:Array(String)}`).join(' OR ')})`;
  });
  return { sql: parts.join(' '), params };
}
