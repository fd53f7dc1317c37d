import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

/** Holds a payload against the published schema of a receiver (`test/fixtures/receivers`); says what is wrong, nothing when it is right. */
export function schemaErrors(name: string, payload: unknown): string[] {
  const id = `receivers/${name}`;
  if (!ajv.getSchema(id)) {
    const file = fileURLToPath(new URL(`../fixtures/receivers/${name}.schema.json`, import.meta.url));
    ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, id);
  }
  const validate = ajv.getSchema(id)!;
  if (validate(payload)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
