import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * What is in the file `path`, without the space around it; `make` gives its first contents when there is none. After a
 * power cut it is there whole or not at all, and of two processes that make it at once both get what one of them chose.
 */
export function readOrCreateDurably(path: string, make: () => string, mode = 0o600): string {
  const known = readIfThere(path);
  if (known) return known;
  const draft = `${path}.${process.pid}`;
  writeSynced(draft, make(), mode);
  // An empty file is one that an earlier version had not synced when the power went.
  if (known === '') renameSync(draft, path);
  else linkUnlessThere(draft, path);
  syncFolder(dirname(path));
  return readFileSync(path, 'utf8').trim();
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return null;
  }
}

function writeSynced(path: string, text: string, mode: number): void {
  const file = openSync(path, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function linkUnlessThere(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Makes the names in a folder as lasting as the files they name. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
