import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  ['the code is formatted and linted', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']],
  ['the code and the tests compile', 'typescript/bin/tsc', ['-b', '.', 'test', '--checkers', '1']],
  ['nothing is left that nobody uses', 'knip/bin/knip.js', ['--no-config-hints']],
])('%s', (_, program, args) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${root}/node_modules/${program}`, ...args],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  expect(status, `${stdout}\n${stderr}`).toBe(0);
});
