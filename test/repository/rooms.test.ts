import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'driftline-rooms-'));
  const skip = ['node_modules', 'dist', '.git', 'data'].map(name => join(root, name));
  cpSync(root, copy, { recursive: true, filter: path => !skip.includes(path) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const compile = (room: string) =>
  spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', room], {
    cwd: copy,
    encoding: 'utf8',
  });

test.each([
  ['contract', "import '#store/rows.ts';"],
  ['contract', "import 'node:fs';"],
  ['store', "import '#collector/telemetry.ts';"],
  ['alerts', "import '#collector/telemetry.ts';"],
  ['web', "import '#store/rows.ts';"],
  ['web', 'process.exit();'],
  ['api', "document.title = '';"],
])('the compiler refuses in %s: %s', (room, line) => {
  const file = join(copy, room, 'intruder.ts');
  writeFileSync(file, `${line}\nexport {};\n`);
  const { status, stdout } = compile(room);
  rmSync(file);
  expect(stdout).toContain('intruder.ts');
  expect(status).not.toBe(0);
});
