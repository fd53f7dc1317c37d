import { z } from 'zod';
import { splitEscaped } from './dimension.ts';
import { type SpendDimension, spendDimensions } from './spend-words.ts';

/** One `dimension:value` condition on spend; several values of one dimension are alternatives. */
export interface SpendCondition {
  dimension: SpendDimension;
  value: string;
}

const dimension = z.enum(spendDimensions);

/** `feature:chat,model:gpt-4o`; a comma or backslash inside a value is written `\,` and `\\`. */
export const spendWhere = z
  .string()
  .default('')
  .transform((text, context): SpendCondition[] =>
    splitEscaped(text).map(part => {
      const at = part.indexOf(':');
      const name = dimension.safeParse(part.slice(0, Math.max(at, 0)));
      if (!name.success) {
        context.addIssue(`"${part}" is not dimension:value; dimensions are ${spendDimensions.join(', ')}`);
        return { dimension: 'feature', value: '' };
      }
      return { dimension: name.data, value: part.slice(at + 1) };
    }),
  );
