import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NetworkInput } from './requests.ts';

const folder = fileURLToPath(new URL('corpus', import.meta.url));

const slug = (name: string) => name.replace(/[^a-z]+/g, '-');

function write(name: string, content: Uint8Array, extension: string): string {
  mkdirSync(folder, { recursive: true });
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const file = join(folder, `${slug(name)}-${hash}.${extension}`);
  writeFileSync(file, content);
  return file;
}

/** Keeps an input that did harm, so that every later run tries it again; its file. */
export function keepInput(target: string, input: Uint8Array): string {
  return write(target, input, 'bin');
}

/** See keepInput. */
export function keepNetworkInput(input: NetworkInput): string {
  const json = JSON.stringify(input, (_, value) => {
    const isBuffer = value?.type === 'Buffer';
    return isBuffer ? { base64: Buffer.from(value.data).toString('base64') } : value;
  });
  return write(input.kind, Buffer.from(json), 'json');
}

/** Inputs kept for a target of targets.ts. */
export function keptInputs(target: string): Buffer[] {
  const own = new RegExp(`^${slug(target)}-[0-9a-f]{12}\\.bin$`);
  return files()
    .filter(name => own.test(name))
    .map(name => readFileSync(join(folder, name)));
}

export function keptNetworkInputs(): NetworkInput[] {
  return files()
    .filter(name => name.endsWith('.json'))
    .map(
      name =>
        JSON.parse(readFileSync(join(folder, name), 'utf8'), (_, value) =>
          typeof value?.base64 === 'string' ? Buffer.from(value.base64, 'base64') : value,
        ) as NetworkInput,
    );
}

function files(): string[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder);
}
