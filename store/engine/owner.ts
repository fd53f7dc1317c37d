import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readOrCreateDurably } from '../durable-file.ts';
import type { EnginePaths } from './config-files.ts';

/** The engine's password, made at the first start; only our system user can read the file. */
export function readOrCreatePassword(paths: EnginePaths): string {
  return readOrCreateDurably(paths.password, () => randomBytes(24).toString('base64url'));
}

/** Notes that this process supervises the engine of this folder. A note, not a lock: the engine has the lock. */
export function writeOwner(paths: EnginePaths): void {
  writeFileSync(paths.owner, JSON.stringify({ pid: process.pid }), { mode: 0o600 });
}

/** Process that noted itself as supervisor and is alive; null when there is none. */
export function livingOwner(paths: EnginePaths): number | null {
  const pid = readOwner(paths);
  if (pid === null) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return hasCode(error, 'EPERM') ? pid : null;
  }
}

function readOwner(paths: EnginePaths): number | null {
  try {
    const note: unknown = JSON.parse(readFileSync(paths.owner, 'utf8'));
    if (typeof note !== 'object' || note === null || !('pid' in note)) return null;
    return typeof note.pid === 'number' ? note.pid : null;
  } catch {
    return null;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
