import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What is built comes along: a room sees of another what that one declares. */
const left = /^dist\/(web|\.build|\.test-engine)$|\.(js|map)$/;
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
  const rooms = [...new Set(intruders.map(([room]) => room))];
  const seen = ['package.json', 'tsconfig.base.json', 'dist', 'collector', 'ledger', 'quality'];
  for (const part of [...rooms, ...seen])
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      filter: path => !left.test(relative(root, path)),
    });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  // Everything is there and brings its types along, but the intruders alone are looked into: the rest is compiled by another test.
  for (const room of rooms)
    for (const name of readdirSync(join(copy, room), { recursive: true, encoding: 'utf8' }))
      if (/\.tsx?$/.test(name)) {
        const file = join(copy, room, name);
        writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`);
      }
  for (const [room, line] of intruders)
    writeFileSync(join(copy, fileOf(room, line)), `${line}\nexport {};\n`);
  said = rooms.map(compiled).join('');
});

function compiled(room: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', room, '--noEmit', '--checkers', '1'], {
    cwd: copy,
    encoding: 'utf8',
  }).stdout;
}

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test.each(intruders)('the compiler refuses in %s: %s', (room, line) => {
  expect(said).toMatch(new RegExp(`^${fileOf(room, line)}\\(1,\\d+\\): error`, 'm'));
});

test('and nothing else', () => {
  const errors = said.split('\n').filter(line => /^\S/.test(line));
  expect(errors.filter(line => !line.includes('/intruder-'))).toEqual([]);
});
