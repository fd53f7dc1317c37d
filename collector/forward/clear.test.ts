import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearForwardFolder } from './clear.ts';

let folder: string;
let dir: string;
const warned: [object, string][] = [];
const log = {
  info() {},
  warn: (fields: object, message: string) => warned.push([fields, message]),
  error() {},
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-forward-'));
  dir = join(folder, 'forward');
  warned.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what waited is removed, and the log says how much', async () => {
  mkdirSync(dir);
  writeFileSync(join(dir, '0000000000000001.done'), 'xx');
  writeFileSync(join(dir, '0000000000000002.wal'), 'xxx');
  writeFileSync(join(dir, '0000000000000003.wal'), 'xxxx');
  writeFileSync(join(dir, 'progress.json'), '{}');
  await clearForwardFolder(dir, log);
  expect(existsSync(dir)).toBe(false);
  expect(warned).toEqual([[{ dir, segments: 2, bytes: 7 }, expect.stringContaining('forwarding is off')]]);
});

test('where nothing was forwarded nothing is said, and what is not ours stays', async () => {
  await clearForwardFolder(dir, log);
  mkdirSync(dir);
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  await clearForwardFolder(dir, log);
  expect(readdirSync(dir)).toEqual(['notes.txt']);
  expect(warned).toEqual([]);
});
