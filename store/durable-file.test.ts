import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrCreateDurably } from './durable-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('it is made once, for its owner only, and read from then on', () => {
  const path = join(folder, 'password');
  expect(readOrCreateDurably(path, () => 'first')).toBe('first');
  expect(readOrCreateDurably(path, () => 'second')).toBe('first');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['password']);
});

test('an empty file, as a power cut leaves one that was not synced, is made anew', () => {
  const path = join(folder, 'password');
  writeFileSync(path, '');
  expect(readOrCreateDurably(path, () => 'new')).toBe('new');
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test('a file that appears meanwhile wins', () => {
  const path = join(folder, 'password');
  const make = () => {
    writeFileSync(path, 'theirs');
    return 'ours';
  };
  expect(readOrCreateDurably(path, make)).toBe('theirs');
  expect(readdirSync(folder)).toEqual(['password']);
});
