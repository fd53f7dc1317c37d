import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Absolute folder that holds our package.json. Files the compiler does not copy (SQL, the engine's
 * compiled child) are found from here, so the same path works from the sources and from dist/.
 */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Absolute path of `parts` inside the package. */
export function fromPackageRoot(...parts: string[]): string {
  return join(packageRoot, ...parts);
}

function findPackageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json in ${from} or any folder above it`);
  }
}
