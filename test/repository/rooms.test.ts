import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What is built comes along, so that the compiler has only the intruders to look at. */
const left = /^(node_modules|\.git|data|dist\/web|dist\/\.test-engine)$|\.js(\.map)?$/;
let copy: string;
let said: string;

const intruders: readonly [room: string, line: string][] = [
  ['contract', "import '#store/rows.ts';"],
  ['contract', "import 'node:fs';"],
  ['store', "import '#collector/telemetry.ts';"],
  ['alerts', "import '#collector/telemetry.ts';"],
  ['web', "import '#store/rows.ts';"],
  ['web', 'process.exit();'],
  ['api', "document.title = '';"],
];
const fileOf = (room: string, line: string) =>
  `${room}/intruder-${intruders.findIndex(intruder => intruder[0] === room && intruder[1] === line)}.ts`;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'driftline-rooms-'));
  cpSync(root, copy, { recursive: true, filter: path => !left.test(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [room, line] of intruders)
    writeFileSync(join(copy, fileOf(room, line)), `${line}\nexport {};\n`);
  const rooms = new Set(intruders.map(([room]) => room));
  said = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...rooms], {
    cwd: copy,
    encoding: 'utf8',
  }).stdout;
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test.each(intruders)('the compiler refuses in %s: %s', (room, line) => {
  expect(said).toMatch(new RegExp(`^${fileOf(room, line)}\\(1,\\d+\\): error`, 'm'));
});
