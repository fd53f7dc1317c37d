#!/usr/bin/env node
// npm run bench:ingest -- [--seconds 60] [--spans 512] [--connections 8] [--functions] [--no-readers] [--no-paced] [--no-stages]
// A whole Driftline on a temporary folder, senders that are acknowledged durably, two dashboard readers. Prints what one
// run gave: spans/s, acknowledgement times, CPU per span by process, memory, disk; then, of a second and shorter one with a
// profiler, which costs time itself, what share of the collector's CPU each stage has.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { openClickHouse } from '../../dist/store/engine/client.js';
import { loopTimes } from './loop-times.js';
import { stagesOf } from './profile-stages.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    spans: { type: 'string', default: '512' },
    connections: { type: 'string', default: '8' },
    functions: { type: 'boolean', default: false },
    'no-readers': { type: 'boolean', default: false },
    'no-paced': { type: 'boolean', default: false },
    'no-stages': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const seconds = Number(values.seconds);
const profiledSeconds = 20;
let collectorUsPerSpan = Number.NaN;
let dataDir;
let rooms = [];

await onNewFolder(async ({ start, loopFile }) => {
  const watched = ['--import', new URL('./watch-loop.js', import.meta.url).href];
  await measure(await start(watched, { DRIFTLINE_TEST_LOOP_FILE: loopFile }), loopFile);
});
if (!values['no-stages']) {
  const profileDir = mkdtempSync(join(tmpdir(), 'driftline-bench-profile-'));
  await onNewFolder(async ({ start }) => {
    const profiled = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', profileDir];
    const { collector, api } = await start(profiled);
    await send({ ...fullLoad(collector), seconds: profiledSeconds });
    await drained(api.addresses.url);
  });
  printStages(profileDir);
  rmSync(profileDir, { recursive: true, force: true });
}

/** A Driftline of its own for some work, in separate processes. */
async function onNewFolder(work) {
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-bench-'));
  rooms = [];
  try {
    await work({ start: startDriftline, loopFile: join(dataDir, 'loop') });
  } finally {
    for (const room of rooms.reverse()) await room.stop();
    if (!values.keep) rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The options and variables are the collector's. */
async function startDriftline(nodeOptions = [], variables = {}) {
  const engine = await startRoom('engine');
  const engineVariables = {
    CLICKHOUSE_URL: engine.addresses.clickhouseUrl,
    CLICKHOUSE_USER: engine.addresses.clickhouseUser,
    CLICKHOUSE_PASSWORD: engine.addresses.clickhousePassword,
  };
  const collector = await startRoom('collector', { ...engineVariables, ...variables }, nodeOptions);
  const api = await startRoom('api', engineVariables);
  return { engine, collector, api };
}

function fullLoad(collector) {
  return {
    endpoint: collector.addresses.otlpHttp,
    spansPerRequest: Number(values.spans),
    connections: Number(values.connections),
  };
}

async function measure({ engine, collector, api }, loopFile) {
  const clickhouse = openClickHouse({
    url: engine.addresses.clickhouseUrl,
    user: engine.addresses.clickhouseUser,
    password: engine.addresses.clickhousePassword,
  });
  await run({ engine, collector, api, clickhouse, loopFile });
  await clickhouse.close();
}

async function run({ engine, collector, api, clickhouse, loopFile }) {
  const endpoint = collector.addresses.otlpHttp;
  await send({ endpoint, seconds: 3, spansPerSecond: 2000, spansPerRequest: 100, connections: 2 });
  if (!values['no-paced']) {
    const paced = await send({
      endpoint,
      seconds: 15,
      spansPerSecond: 5000,
      spansPerRequest: 100,
      connections: 4,
    });
    print(
      'ack at 5,000 spans/s',
      `p50 ${quantile(paced.ackMs, 0.5)} ms, p99 ${quantile(paced.ackMs, 0.99)} ms`,
    );
  }
  const children = { collector: collector.pid, engine: engine.pid, api: api.pid };
  const before = snapshot(children);
  const fromMs = Date.now();
  const stopReaders = values['no-readers'] ? async () => ({}) : readDashboards(api.addresses.url);
  const progress = await send({
    ...fullLoad(collector),
    seconds,
    onSecond: async (second, acked) => {
      if (second % 5 === 0) {
        const { ingest } = await health(api.addresses.url);
        console.error(`  ${second} s: ${acked} acked, ${ingest.waiting} waiting`);
      }
    },
  });
  const atEnd = snapshot(children);
  const readers = await stopReaders();
  const waitingAtEnd = (await health(api.addresses.url)).ingest.waiting;
  const drainFrom = Date.now();
  await drained(api.addresses.url);
  const drainS = (Date.now() - drainFrom) / 1000;
  await sleep(4000);
  const after = snapshot(children);

  const spans = progress.acked;
  console.log(`${Math.round(spans / seconds)} spans/s`);
  print(
    'sustained',
    `${spans} spans acknowledged in ${seconds} s, ${Math.round(spans / (seconds + drainS))} spans/s until all were stored; ${waitingAtEnd} waiting at the end, stored ${drainS.toFixed(1)} s later`,
  );
  print('refused', `${progress.refused} requests`);
  print(
    'ack',
    `p50 ${quantile(progress.ackMs, 0.5)} ms, p99 ${quantile(progress.ackMs, 0.99)} ms at full load`,
  );
  const kept = loopTimes(loopFile, fromMs, fromMs + seconds * 1000);
  print(
    'event loop',
    `kept for at most ${quantile(kept.ms, 1)} ms, in the median second ${quantile(kept.ms, 0.5)} ms; by its own work, without waiting for a core, ${quantile(kept.ownMs, 1)} and ${quantile(kept.ownMs, 0.5)} ms`,
  );
  print('span size', `${Math.round(progress.bytesPerSpan)} bytes of OTLP protobuf`);
  const cpu = name => (after[name].cpuUs - before[name].cpuUs) / spans;
  const total = Object.keys(children).reduce((sum, name) => sum + cpu(name), 0);
  collectorUsPerSpan = cpu('collector');
  for (const name of Object.keys(children)) {
    print(
      `cpu ${name}`,
      `${cpu(name).toFixed(1)} us/span, ${Math.round((100 * cpu(name)) / total)} % of Driftline's`,
    );
  }
  print(
    'rss',
    Object.keys(children)
      .map(name => `${name} ${atEnd[name].rssMb} MB`)
      .join(', '),
  );
  if (readers.reads)
    print(
      'dashboard readers',
      `${readers.reads} reads, p50 ${quantile(readers.ms, 0.5)} ms, p95 ${quantile(readers.ms, 0.95)} ms, ${readers.errors} errors`,
    );
  await printStored(clickhouse);
}

async function printStored(clickhouse) {
  const rows = await clickhouse.query(
    `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
     WHERE active AND database = currentDatabase() AND table IN ('spans', 'calls', 'tool_calls', 'contents') GROUP BY table ORDER BY table`,
  );
  for (const { table, rows: count, bytes } of rows) {
    print(`disk ${table}`, `${count} rows, ${(Number(bytes) / Number(count)).toFixed(1)} bytes each`);
  }
}

/** Where the time of both of the collector's threads went: the profile gives the shares, the kernel how much it was altogether. */
function printStages(profileDir) {
  const { stages, top } = stagesOf(profileDir);
  const busy = Object.entries(stages).filter(([name]) => name !== 'idle');
  const total = busy.reduce((sum, [, us]) => sum + us, 0);
  for (const [name, us] of busy) {
    print(`cpu ${name}`, `${((collectorUsPerSpan * us) / total).toFixed(1)} us/span of the collector's`);
  }
  if (values.functions)
    for (const [label, us] of top) console.error(`  ${((100 * us) / total).toFixed(1)} % ${label}`);
}

/** Sends until the time is over; resolves with the counts. */
function send({ onSecond = () => {}, ...options }) {
  return new Promise((resolve, reject) => {
    const result = { acked: 0, refused: 0, ackMs: [], bytesPerSpan: 0 };
    const worker = new Worker(new URL('./sender.js', import.meta.url), {
      workerData: { seed: 7, ...options },
    });
    let second = 0;
    worker.on('message', message => {
      if (message.bytesPerSpan) result.bytesPerSpan = message.bytesPerSpan;
      if (message.acked !== undefined) {
        Object.assign(result, { acked: message.acked, refused: message.refused });
        result.ackMs.push(...message.ackMs);
        void Promise.resolve(onSecond(++second, message.acked)).catch(() => {});
      }
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(result));
  });
}

/** Two people with the overview open: it asks again whenever something new is stored. */
function readDashboards(url) {
  let reading = true;
  const ms = [];
  let errors = 0;
  const paths = [
    '/api/v1/overview?from=now-24h&to=now',
    '/api/v1/measures?measures=calls,cost_usd,latency_p95_ms&group_by=feature&from=now-24h&to=now&interval=15m',
  ];
  const readers = paths.map(async path => {
    while (reading) {
      const from = performance.now();
      const answer = await fetch(url + path).catch(() => null);
      if (!answer?.ok) errors++;
      await answer?.arrayBuffer();
      ms.push(performance.now() - from);
      await sleep(2000);
    }
  });
  return async () => {
    reading = false;
    await Promise.all(readers);
    return { reads: ms.length, ms, errors };
  };
}

async function drained(url) {
  for (let tries = 0; tries < 12_000; tries++) {
    const { waiting } = (await health(url)).ingest;
    if (waiting === 0) return;
    if (tries % 100 === 99) console.error(`  ${waiting} waiting`);
    await sleep(100);
  }
  throw new Error('what was acknowledged is not stored after twenty minutes');
}

async function health(url) {
  return (await fetch(`${url}/api/v1/health`)).json();
}

async function startRoom(name, variables = {}, nodeOptions = []) {
  const child = spawn(process.execPath, [...nodeOptions, main, 'start', name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      DRIFTLINE_DATA_DIR: dataDir,
      DRIFTLINE_PORT: '0',
      DRIFTLINE_OTLP_HTTP_PORT: '0',
      DRIFTLINE_OTLP_GRPC_PORT: '0',
      DRIFTLINE_LOG_LEVEL: 'error',
      ...variables,
    },
  });
  const gone = new Promise(resolve => child.once('exit', resolve));
  const room = {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
  rooms.push(room);
  const [ready] = await Promise.race([
    new Promise(resolve => child.on('message', message => message.ready && resolve([message]))),
    gone.then(code => Promise.reject(new Error(`the ${name} ended with ${code}`))),
  ]);
  return Object.assign(room, { addresses: ready.addresses });
}

/** CPU time and memory of processes with their children, as the kernel counts them. */
function snapshot(processes) {
  return Object.fromEntries(
    Object.entries(processes).map(([name, pid]) => {
      const pids = [pid, ...childrenOf(pid)];
      return [
        name,
        {
          cpuUs: pids.reduce((sum, one) => sum + cpuUsOf(one), 0),
          rssMb: Math.round(pids.reduce((sum, one) => sum + rssKbOf(one), 0) / 1024),
        },
      ];
    }),
  );
}

function childrenOf(pid) {
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return ids === '' ? [] : ids.split(' ').map(Number);
}

function cpuUsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond;
}

function rssKbOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

function quantile(list, q) {
  const sorted = [...list].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return value === undefined ? 'none' : value.toFixed(1);
}

function print(name, text) {
  console.log(`${name.padEnd(22)} ${text}`);
}
