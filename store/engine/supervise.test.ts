import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { quietLog } from '../../test/support/engine.ts';
import { fromPackageRoot } from '../package-root.ts';
import { openClickHouse } from './client.ts';
import { type Engine, EngineAlreadyRunningError, type EngineRestart, startEngine } from './supervise.ts';
import { createWatchdog } from './watchdog.ts';

const quick = { pingEveryMs: 600, backOffFirstMs: 50, orphanGraceMs: 10_000 };
/** A machine that does too much at once is not an engine that froze. */
const patient = { ...quick, pingsMissedAtMost: 60 };
let dataDir: string;

beforeEach(async () => {
  // Characters that a shell or XML would trip over.
  dataDir = await mkdtemp(join(tmpdir(), 'driftline <engine> & "co" '));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

function start(timings = patient): Promise<Engine> {
  return startEngine({ dataDir, log: quietLog, maxMemoryBytes: 1e9, timings });
}

function connect(engine: Engine) {
  return openClickHouse({
    url: engine.url,
    user: engine.user,
    password: engine.password,
    database: 'default',
  });
}

/** Repeats `attempt` until it neither throws nor returns false; the last failure is the test's. */
async function eventually(attempt: () => Promise<unknown> | unknown): Promise<void> {
  let failure: unknown;
  for (let i = 0; i < 2_400; i++) {
    try {
      if ((await attempt()) !== false) return;
      failure = new Error('still false');
    } catch (error) {
      failure = error;
    }
    await sleep(50);
  }
  throw failure;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

async function fillTable(engine: Engine): Promise<void> {
  const clickhouse = connect(engine);
  await clickhouse.command(
    'CREATE TABLE kept (n UInt32) ENGINE = MergeTree ORDER BY n SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
  );
  await clickhouse.insert('kept', [{ n: 1 }, { n: 2 }]);
  await clickhouse.close();
}

async function expectKept(engine: Engine): Promise<void> {
  const clickhouse = connect(engine);
  try {
    await eventually(async () => {
      expect(await clickhouse.query('SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
    });
  } finally {
    await clickhouse.close();
  }
}

describe('an engine that is lost', () => {
  let engine: Engine;
  let restarts: EngineRestart[];
  async function begin(timings?: typeof patient): Promise<void> {
    engine = await start(timings);
    await engine.ready;
    restarts = [];
    engine.onRestart(restart => restarts.push(restart));
    await fillTable(engine);
  }
  afterEach(() => engine.stop());

  test('to kill -9 comes back with its data, at the same address', async () => {
    await begin();
    const before = engine.pid()!;
    process.kill(before, 'SIGKILL');
    await eventually(() => restarts.length === 1);
    await expectKept(engine);
    expect(engine.pid()).not.toBe(before);
    expect(restarts).toEqual([{ count: 1, reason: expect.stringContaining('SIGKILL') }]);
  });

  test('to a freeze is killed and comes back with its data', async () => {
    await begin({ ...quick, pingsMissedAtMost: 3 });
    const before = engine.pid()!;
    process.kill(before, 'SIGSTOP');
    await eventually(() => restarts.length > 0);
    await expectKept(engine);
    expect(isGone(before)).toBe(true);
    expect(restarts[0]?.reason).toContain('pings unanswered');
  });
});

test('one that is too busy to answer is not a frozen one, but has no patience without end', () => {
  const watchdog = createWatchdog(process.pid, {
    pingEveryMs: 20,
    pingsMissedAtMost: 2,
    pingsMissedBusyAtMost: 6,
  });
  const missedAtWork = () => {
    const { user } = process.cpuUsage();
    while (process.cpuUsage().user - user < 20_000);
    return watchdog.missed();
  };
  expect(watchdog.missed()).toBe('waiting');
  for (let i = 0; i < 4; i++) expect(missedAtWork()).toBe('busy');
  expect(missedAtWork()).toBe('frozen');

  watchdog.answered();
  expect(watchdog.missedInARow).toBe(0);
  const gone = createWatchdog(2 ** 22 + 1, {
    pingEveryMs: 20,
    pingsMissedAtMost: 2,
    pingsMissedBusyAtMost: 6,
  });
  expect([gone.missed(), gone.missed()]).toEqual(['waiting', 'frozen']);
});

describe('one supervisor a folder', () => {
  test('a second one is refused and the first goes on', async () => {
    const first = await start();
    await first.ready;
    try {
      const second = await start();
      const refusal = await second.ready.catch((error: unknown) => error);
      await second.stop();
      expect(refusal).toBeInstanceOf(EngineAlreadyRunningError);
      expect((refusal as Error).message).toContain(`already running on ${dataDir} (process ${process.pid})`);
      await fillTable(first);
      await expectKept(first);
    } finally {
      await first.stop();
    }
  });

  test('a supervisor that was killed blocks nobody: its engine leaves, the next one finds the data', async () => {
    const orphanMaker = await superviseElsewhere(dataDir);
    await fillTable(orphanMaker.engine);
    orphanMaker.process.kill('SIGKILL');
    const next = await start();
    try {
      await next.ready;
      await expectKept(next);
      await eventually(() => isGone(orphanMaker.engine.pid()!));
    } finally {
      await next.stop();
    }
  });
});

test('an engine that cannot start says why', async () => {
  await mkdir(join(dataDir, 'clickhouse'));
  await writeFile(join(dataDir, 'clickhouse', 'store'), 'in the way');
  const engine = await start();
  await expect(engine.ready).rejects.toThrow(/did not start.*EEXIST.*clickhouse\/store/);
  expect(engine.pid()).toBeNull();
  await engine.stop();
});

describe('stopping', () => {
  test('leaves no process', async () => {
    const engine = await start();
    await engine.ready;
    const pid = engine.pid()!;
    await engine.stop();
    expect(isGone(pid)).toBe(true);
    expect(engine.pid()).toBeNull();
  });

  test('while it starts leaves no process either, and says so', async () => {
    const engine = await start();
    const outcome = engine.ready.catch((error: Error) => error.message);
    const pid = engine.pid()!;
    await engine.stop();
    expect(await outcome).toContain('stopped while it started');
    expect(isGone(pid)).toBe(true);
  });

  test('waits for nobody: neither an idle client nor a running query holds it up past the grace', async () => {
    const engine = await start();
    await engine.ready;
    const clickhouse = connect(engine);
    const cutOff = clickhouse.query(
      'SELECT sleepEachRow(1) FROM numbers(60)',
      {},
      { settings: { max_block_size: '1' } },
    );
    const outcome = cutOff.then(
      () => 'finished',
      () => 'failed',
    );
    await eventually(async () => (await clickhouse.query('SELECT 1 FROM system.processes')).length > 2);
    const pid = engine.pid()!;
    await engine.stop();
    expect(isGone(pid)).toBe(true);
    expect(await outcome).toBe('failed');
    await clickhouse.close();
  });
});

describe('access', () => {
  let engine: Engine;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-engine-'));
    engine = await startEngine({ dataDir: folder, log: quietLog, maxMemoryBytes: 1e9 });
    await engine.ready;
  });
  afterAll(async () => {
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });
  const attempts: [string, string, Record<string, string>][] = [
    ['nobody', '/', {}],
    ['nobody, by GET', '/?query=SELECT%201', {}],
    ['default in the address', '/?user=default', {}],
    ['default by header', '/', { 'x-clickhouse-user': 'default' }],
    ['default by basic', '/', basic('default', '')],
    ['default in the address under our name', '/?user=default', { 'x-clickhouse-user': 'driftline' }],
    ['our name without a password', '/', { 'x-clickhouse-user': 'driftline' }],
    ['our name, wrong password', '/', { 'x-clickhouse-user': 'driftline', 'x-clickhouse-key': 'guess' }],
    ['our name and a wrong password by basic', '/', basic('driftline', 'guess')],
    ['the built-in page', '/play', {}],
  ];
  test.each(attempts)('%s can do nothing', async (_who, path, headers) => {
    for (const sql of ['SELECT 1', 'SHOW DATABASES', 'CREATE DATABASE x', 'SYSTEM STOP MERGES']) {
      const answer = await fetch(engine.url + path, {
        headers,
        ...(path.includes('query=') ? {} : { method: 'POST', body: sql }),
      });
      expect([401, 403, 404]).toContain(answer.status);
    }
  });

  test('the password and the files that hold it are for our system user alone', async () => {
    for (const file of ['password', 'config.xml', 'users.xml']) {
      expect((await stat(join(folder, 'clickhouse', file))).mode & 0o077).toBe(0);
    }
  });
});

interface Elsewhere {
  process: ChildProcess;
  engine: Engine;
}

/** A supervisor in a Node process of its own, so that a test can kill it. */
async function superviseElsewhere(folder: string): Promise<Elsewhere> {
  const program = `
    import { startEngine } from ${JSON.stringify(fromPackageRoot('dist/store/engine/supervise.js'))};
    const log = { info() {}, warn() {}, error() {} };
    const engine = await startEngine({ dataDir: ${JSON.stringify(folder)}, log, maxMemoryBytes: 1e9 });
    await engine.ready;
    console.log(JSON.stringify({ ...engine, ready: null, pid: engine.pid() }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { url: string; user: string; password: string; pid: number };
    return { process: child, engine: { ...said, pid: () => said.pid } as unknown as Engine };
  }
  throw new Error('the other supervisor ended before its engine was ready');
}
