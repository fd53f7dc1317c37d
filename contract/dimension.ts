import { z } from 'zod';

/** What calls can be grouped and filtered by. */
export const dimensions = [
  'feature',
  'tenant',
  'team',
  'user',
  'session',
  'environment',
  'service',
  'release',
  'provider',
  'model',
  'request_model',
  'operation',
  'prompt',
  'variant',
  'error_type',
  'dialect',
  'finish_reason',
] as const;

export const dimension = z.enum(dimensions);
export type Dimension = z.infer<typeof dimension>;

/** One `dimension:value` condition; several values of one dimension are alternatives. */
export interface Condition {
  dimension: Dimension;
  value: string;
}

const list = (text: string) => text.split(',').filter(part => part !== '');

/** `feature:chat,model:gpt-4o`; a comma or backslash inside a value is written `\,` and `\\`. */
export const where = z
  .string()
  .default('')
  .transform((text, context): Condition[] =>
    splitEscaped(text).map(part => {
      const at = part.indexOf(':');
      const name = dimension.safeParse(part.slice(0, Math.max(at, 0)));
      if (!name.success) {
        context.addIssue(`"${part}" is not dimension:value; dimensions are ${dimensions.join(', ')}`);
        return { dimension: 'feature', value: '' };
      }
      return { dimension: name.data, value: part.slice(at + 1) };
    }),
  );

export const dimensionList = z.string().default('').transform(list).pipe(z.array(dimension));

/** Parts between commas; `\,` and `\\` stand for a comma and a backslash, empty parts are left out. */
export function splitEscaped(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '\\' && at + 1 < text.length) {
      at += 1;
      part += text[at];
    } else if (character === ',') {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part].filter(piece => piece !== '');
}
