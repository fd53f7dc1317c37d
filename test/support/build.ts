import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { fromPackageRoot } from '../../store/package-root.ts';

/**
 * Vitest global setup, once a run and before any worker: engine, demo and senders run as processes of their own, from
 * dist/, since Node 20 runs no TypeScript. The compiler skips what is up to date.
 */
export default async function buildStore(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [
      fromPackageRoot('node_modules/typescript/bin/tsc'),
      '-b',
      fromPackageRoot('store'),
      fromPackageRoot('demo'),
      fromPackageRoot('alerts'),
    ]);
  } catch (error) {
    // A type error elsewhere in the room is reported by `npm run check`; it does not stop the emit.
    if (!existsSync(fromPackageRoot('dist/store/engine/child.js'))) throw error;
  }
}
