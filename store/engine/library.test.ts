import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EngineUnavailableError, locateEngineLibrary } from './library.ts';

test('finds the library of this machine', () => {
  expect(existsSync(locateEngineLibrary())).toBe(true);
});

const elsewhere = process.platform === 'darwin' ? 'linux' : 'darwin';
test.each([
  ['win32', 'x64', 'does not run on win32 x64'],
  [elsewhere, 'arm64', 'which is not installed'],
])('on %s %s asks for a server instead', (platform, arch, reason) => {
  const attempt = () => locateEngineLibrary(platform, arch);
  expect(attempt).toThrow(EngineUnavailableError);
  expect(attempt).toThrow(reason);
  expect(attempt).toThrow('CLICKHOUSE_URL');
});
