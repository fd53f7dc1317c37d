import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TraceDetail } from '#contract/trace.ts';
import { freeLoopbackPort } from '#store/engine/free-port.ts';
import { eventually } from '../support/driftline.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { send } from '../support/otlp-requests.ts';
import { preparedDataDir } from '../support/prepared-engine.ts';
import { descendants, isAlive, type Program, runProgram } from '../support/program.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

let dataDir: string;
let programs: Program[];
async function makeFolder(): Promise<void> {
  dataDir = await preparedDataDir('driftline-restart-');
  programs = [];
}
async function stopAll(): Promise<void> {
  for (const program of programs.reverse()) {
    program.kill('SIGTERM');
    await program.exited;
  }
  rmSync(dataDir, { recursive: true, force: true });
}

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

function sendSpan(otlpHttp: string, traceId = TRACE): Promise<void> {
  const span = otlpSpan(chatSpan(traceId, '00f067aa0ba902b7', 'restart'));
  return send(otlpHttp, jsonBody('one span', traceRequest([span])));
}

function storedTrace(url: string, traceId = TRACE): Promise<TraceDetail> {
  const ask = async () => {
    const response = await fetch(`${url}/api/v1/traces/${traceId}`);
    return response.ok ? ((await response.json()) as TraceDetail) : null;
  };
  // The sums of a trace are read beside its calls, and those may be settled in between.
  const isSettled = (trace: TraceDetail | null) =>
    trace !== null && trace.calls.length > 0 && trace.summary.calls === trace.calls.length;
  return eventually(ask, isSettled) as Promise<TraceDetail>;
}

async function allGone(pids: number[]): Promise<void> {
  await eventually(
    async () => pids.filter(isAlive),
    alive => alive.length === 0,
  );
}

// Each test goes on with the one that the test before it left running.
describe('a whole Driftline', () => {
  let running: Awaited<ReturnType<typeof startWhole>>;
  beforeAll(async () => {
    await makeFolder();
    // The very first start, with nothing there yet.
    rmSync(dataDir, { recursive: true });
    mkdirSync(dataDir);
  });
  afterAll(stopAll);

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

    running = await startWhole();
    expect(await storedTrace(running.ready.url)).toEqual(before);
  });

  test('second instance on same folder: it says so, ends with 1 and leaves the first alone', async () => {
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toContain('already running');
    expect(second.stdout()).toBe('');
    const other = '1'.repeat(32);
    await sendSpan(running.ready.otlpHttp, other);
    expect((await storedTrace(running.ready.url, other)).calls).toHaveLength(1);
  });

  test('Ctrl-C, which every process gets, ends it in order and stores what was just acknowledged', async () => {
    const last = '2'.repeat(32);
    await sendSpan(running.ready.otlpHttp, last);
    const { program } = running;
    const below = descendants(program.pid);
    program.killGroup('SIGINT');
    expect(await program.exited).toBe(0);
    expect(below.filter(isAlive)).toEqual([]);
    expect(program.stderr()).not.toMatch(/starting it again|"level":50/);
    running = await startWhole();
    expect((await storedTrace(running.ready.url, last)).spans).toHaveLength(1);
  });

  test('kill -9 of the supervisor alone ends the others too', async () => {
    const { program } = running;
    const below = descendants(program.pid);
    program.kill('SIGKILL');
    await program.exited;
    await allGone(below);
    const again = await startWhole();
    expect(again.ready.ready).toBe(true);
  });
});

describe('what cannot be started', () => {
  beforeEach(makeFolder);
  afterEach(stopAll);

  test('bad settings are all named at once', async () => {
    const program = start(['--log-level', 'loud'], {
      DRIFTLINE_PORT: '99999',
      DRIFTLINE_RETENTION_DAYS: 'many',
      DRIFTLINE_REPORTING_ZONE: 'Mars/Olympus',
      DRIFTLINE_TYPO: '1',
    });
    expect(await program.exited).toBe(1);
    for (const name of [
      'DRIFTLINE_PORT',
      'RETENTION_DAYS',
      'REPORTING_ZONE',
      'DRIFTLINE_TYPO',
      '--log-level',
    ])
      expect(program.stderr()).toContain(name);
    expect(program.stderr()).not.toMatch(/^\s+at /m);
    expect(program.stdout()).toBe('');
  });

  test('an unknown room is named', async () => {
    const program = start(['kitchen']);
    expect(await program.exited).toBe(1);
    expect(program.stderr()).toContain('there is no room "kitchen"; rooms are engine, collector, api');
  });
});

describe('rooms started one by one', () => {
  beforeEach(makeFolder);
  afterEach(stopAll);

  test('a collector without an engine says what to do', async () => {
    const program = start(['collector']);
    expect(await program.exited).toBe(1);
    expect(program.stderr()).toMatch(/start.*engine.*CLICKHOUSE_URL/);
  });

  test('are a whole Driftline together', async () => {
    const [port, otlpPort] = [await freeLoopbackPort(), await freeLoopbackPort()];
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
