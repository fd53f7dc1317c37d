import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { RE2JS } from 're2js';

/** Schemas come with spans too, so they are bounded and their patterns run in linear time. */
const longestSchema = 200_000;
const keptSchemas = 200;
const kept = new Map<string, ValidateFunction | Error>();

const linearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // Ajv keeps patterns apart by what they say of themselves.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => `/${pattern}/` };
  },
  { code: 'linearRegExp' },
);

const options = { strict: false, allErrors: false, validateFormats: true, code: { regExp: linearRegExp } };

/** Null when the value fits; else where and why not. Throws when the schema itself cannot be used. */
export function misfit(schema: unknown, value: unknown): string | null {
  const validate = validatorOf(schema);
  const fits: unknown = validate(value);
  if (typeof fits !== 'boolean') throw new Error('asynchronous schemas are not supported');
  if (fits) return null;
  const [first] = validate.errors ?? [];
  return `${first?.instancePath || '/'} ${first?.message ?? 'does not fit'}`;
}

function validatorOf(schema: unknown): ValidateFunction {
  const text = JSON.stringify(schema) ?? '';
  if (text.length > longestSchema) throw new Error('the schema is too long');
  let known = kept.get(text);
  if (known === undefined) {
    known = compiled(schema);
    if (kept.size >= keptSchemas) kept.delete(kept.keys().next().value!);
    kept.set(text, known);
  }
  if (known instanceof Error) throw known;
  return known;
}

/** An Ajv of its own for each: one keeps every schema it ever saw, and ids must not meet. */
function compiled(schema: unknown): ValidateFunction | Error {
  if (
    typeof schema !== 'boolean' &&
    (typeof schema !== 'object' || schema === null || Array.isArray(schema))
  ) {
    return new Error('a schema is an object');
  }
  const draft = typeof schema === 'object' && '$schema' in schema ? String(schema.$schema) : '';
  const isOlder = /draft-0[67]/.test(draft);
  const ajv = isOlder ? new Ajv(options) : new Ajv2020(options);
  ajvFormats.default(ajv);
  try {
    return ajv.compile(schema);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
