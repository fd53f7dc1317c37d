import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TraceDetail } from '#contract/trace.ts';
import { eventually } from '../support/driftline.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { send } from '../support/otlp-requests.ts';
import { descendants, freePort, isAlive, type Program, runProgram } from '../support/program.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

let dataDir: string;
let programs: Program[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-restart-'));
  programs = [];
});
afterEach(async () => {
  for (const program of programs.reverse()) {
    program.kill('SIGTERM');
    await program.exited;
  }
  rmSync(dataDir, { recursive: true, force: true });
});

function start(args: string[] = [], environment: Record<string, string> = {}): Program {
  const program = runProgram(['start', ...args], {
    DRIFTLINE_DATA_DIR: dataDir,
    DRIFTLINE_PORT: '0',
    DRIFTLINE_OTLP_HTTP_PORT: '0',
    DRIFTLINE_OTLP_GRPC_PORT: '0',
    DRIFTLINE_ENGINE_MEMORY_MB: '1024',
    ...environment,
  });
  programs.push(program);
  return program;
}

interface Ready {
  ready: true;
  url: string;
  otlpHttp: string;
  otlpGrpc: string;
  dataDir: string;
}

async function startWhole(): Promise<{ program: Program; ready: Ready }> {
  const program = start();
  await program.prints(/"ready":true.*\n/);
  return { program, ready: JSON.parse(program.stdout()) as Ready };
}

function sendSpan(otlpHttp: string): Promise<void> {
  const span = otlpSpan(chatSpan(TRACE, '00f067aa0ba902b7', 'restart'));
  return send(otlpHttp, jsonBody('one span', traceRequest([span])));
}

function storedTrace(url: string): Promise<TraceDetail> {
  const ask = async () => {
    const response = await fetch(`${url}/api/v1/traces/${TRACE}`);
    return response.ok ? ((await response.json()) as TraceDetail) : null;
  };
  return eventually(ask, trace => (trace?.calls.length ?? 0) > 0, 20) as Promise<TraceDetail>;
}

async function allGone(pids: number[]): Promise<void> {
  await eventually(
    async () => pids.filter(isAlive),
    alive => alive.length === 0,
    20,
  );
}

describe('a whole Driftline', () => {
  test('says in one JSON line that it is ready, keeps its data, and SIGTERM leaves no process behind', async () => {
    const { program, ready } = await startWhole();
    expect(ready).toEqual({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      otlpHttp: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      otlpGrpc: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      dataDir,
    });
    await sendSpan(ready.otlpHttp);
    const before = await storedTrace(ready.url);
    const below = descendants(program.pid);
    expect(below.length).toBeGreaterThanOrEqual(3);
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(below.filter(isAlive)).toEqual([]);
    expect(program.stdout().trimEnd().split('\n')).toHaveLength(1);

    const again = await startWhole();
    expect(await storedTrace(again.ready.url)).toEqual(before);
  });

  test('Ctrl-C, which every process gets, ends it in order and stores what was just acknowledged', async () => {
    const { program, ready } = await startWhole();
    await sendSpan(ready.otlpHttp);
    const below = descendants(program.pid);
    program.killGroup('SIGINT');
    expect(await program.exited).toBe(0);
    expect(below.filter(isAlive)).toEqual([]);
    expect(program.stderr()).not.toMatch(/starting it again|"level":50/);
    const again = await startWhole();
    expect((await storedTrace(again.ready.url)).spans).toHaveLength(1);
  });

  test('kill -9 of the supervisor alone ends the others too', async () => {
    const { program } = await startWhole();
    const below = descendants(program.pid);
    program.kill('SIGKILL');
    await program.exited;
    await allGone(below);
    const again = await startWhole();
    expect(again.ready.ready).toBe(true);
  });

  test('second instance on same folder: it says so, ends with 1 and leaves the first alone', async () => {
    const { ready } = await startWhole();
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toContain('already running');
    expect(second.stdout()).toBe('');
    await sendSpan(ready.otlpHttp);
    expect((await storedTrace(ready.url)).calls).toHaveLength(1);
  });
});

test('bad settings are all named at once', async () => {
  const program = start(['--log-level', 'loud'], {
    DRIFTLINE_PORT: '99999',
    DRIFTLINE_RETENTION_DAYS: 'many',
    DRIFTLINE_REPORTING_ZONE: 'Mars/Olympus',
    DRIFTLINE_TYPO: '1',
  });
  expect(await program.exited).toBe(1);
  for (const name of ['DRIFTLINE_PORT', 'RETENTION_DAYS', 'REPORTING_ZONE', 'DRIFTLINE_TYPO', '--log-level'])
    expect(program.stderr()).toContain(name);
  expect(program.stderr()).not.toMatch(/^\s+at /m);
  expect(program.stdout()).toBe('');
});

test('an unknown room is named', async () => {
  const program = start(['kitchen']);
  expect(await program.exited).toBe(1);
  expect(program.stderr()).toContain('there is no room "kitchen"; rooms are engine, collector, api');
});

describe('rooms started one by one', () => {
  test('a collector without an engine says what to do', async () => {
    const program = start(['collector']);
    expect(await program.exited).toBe(1);
    expect(program.stderr()).toMatch(/start.*engine.*CLICKHOUSE_URL/);
  });

  test('are a whole Driftline together', async () => {
    const [port, otlpPort] = [await freePort(), await freePort()];
    const ports = { DRIFTLINE_PORT: String(port), DRIFTLINE_OTLP_HTTP_PORT: String(otlpPort) };
    await start(['engine'], ports).prints(/engine ready/);
    await start(['collector'], ports).prints(/collector ready/);
    await start(['api'], ports).prints(/api ready/);
    await sendSpan(`http://127.0.0.1:${otlpPort}`);
    expect((await storedTrace(`http://127.0.0.1:${port}`)).calls).toHaveLength(1);
  });

  test('a collector does not write to the embedded engine of another folder', async () => {
    await start(['engine']).prints(/engine ready/);
    const engine = JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')) as Record<string, string>;
    const address = {
      CLICKHOUSE_URL: engine.clickhouseUrl!,
      CLICKHOUSE_USER: engine.clickhouseUser!,
      CLICKHOUSE_PASSWORD: engine.clickhousePassword!,
    };
    const other = mkdtempSync(join(tmpdir(), 'driftline-restart-other-'));
    const stranger = start(['collector'], { ...address, DRIFTLINE_DATA_DIR: other });
    expect(await stranger.exited).not.toBe(0);
    expect(stranger.stderr()).toContain(`CLICKHOUSE_URL is the embedded engine of ${realpathSync(dataDir)}`);
    rmSync(other, { recursive: true });
    // Its own may be told the address, as the supervisor does.
    await start(['collector'], address).prints(/collector ready/);
  });
});
