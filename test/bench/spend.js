#!/usr/bin/env node
// npm run bench:spend -- [--calls 100000000] [--month 2026-10] [--zone Europe/Paris] [--repeat 40] [--folder kept/one [--no-roll-up]] [--keep]
// Makes the calls of a month inside the embedded ClickHouse, rolls them up as a running Driftline does, and measures what every
// panel of the Spend page asks for, and the month's files, through the API. A kept folder is measured again without making
// it anew. About 110 bytes of disk per call.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addMonths, monthBounds } from '../../dist/ledger/files/month-bounds.js';
import { monthFiles } from '../../dist/ledger/files/spend-file.js';
import { startLedger } from '../../dist/ledger/schedule.js';
import { openClickHouse } from '../../dist/store/engine/client.js';
import { migrate } from '../../dist/store/engine/migrate.js';
import { startEngine } from '../../dist/store/engine/supervise.js';
import { openState } from '../../dist/store/state/open.js';
import { makeCalls } from './spend-calls.js';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000000' },
    month: { type: 'string', default: '2026-10' },
    zone: { type: 'string', default: 'Europe/Paris' },
    repeat: { type: 'string', default: '40' },
    folder: { type: 'string' },
    keep: { type: 'boolean', default: false },
    'no-roll-up': { type: 'boolean', default: false },
  },
});
const { month, zone } = values;
const calls = Number(values.calls);
const repeat = Number(values.repeat);
const panelGoalMs = 150;
const fileGoalS = 10;

const dataDir = values.folder ?? mkdtempSync(join(tmpdir(), 'driftline-bench-spend-'));
mkdirSync(dataDir, { recursive: true });
const log = { info() {}, warn() {}, error: (details, message) => console.error(message, details) };
const engine = await startEngine({ dataDir, maxMemoryBytes: 4e9, log });
const clickhouse = openClickHouse(engine);
const state = await openState({ dataDir });
try {
  await engine.ready;
  await migrate(engine);
  if (await isEmpty('calls')) await fill();
  if (!values['no-roll-up']) await rollUp();
  await waitForSums();
  await printStored();
  const api = await startApiProcess();
  await measurePanels(api);
  await measureFiles(api);
  api.stop();
} finally {
  await state.destroy();
  await clickhouse.close();
  await engine.stop();
  if (!values.keep && !values.folder) rmSync(dataDir, { recursive: true, force: true });
}

async function fill() {
  const free = statfsSync(dataDir);
  if (free.bavail * free.bsize < calls * 160)
    throw new Error(`${calls} calls need more disk than there is free`);
  // Whole days of UTC around the month of the zone.
  const fromMs = Date.parse(`${month}-01T00:00:00Z`);
  const toMs = Date.parse(`${addMonths(month, 1)}-01T00:00:00Z`);
  const began = performance.now();
  await makeCalls(clickhouse, {
    calls,
    fromMs,
    toMs,
    onDay: (day, days) => console.error(`  ${day} of ${days} days made, ${seconds(began)} s`),
  });
  print('calls made', `${calls} in ${seconds(began)} s`);
}

/** As a running Driftline does it, but without leaving nine tenths of the engine to others. */
async function rollUp() {
  const rolling = performance.now();
  const cpuMs = cpuMsOf(engine.pid());
  const deps = { clickhouse, state, projectId: 'default', clock: { now: () => Date.now() }, log, monthFiles };
  const ledger = startLedger({ ...deps, timers: false });
  await ledger.runOnce();
  await ledger.stop();
  print(
    'rolled up',
    `in ${seconds(rolling)} s, ${((cpuMsOf(engine.pid()) - cpuMs) / 1000).toFixed(0)} s of engine CPU`,
  );
}

async function isEmpty(table) {
  return (await clickhouse.query(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0;
}

async function printStored() {
  const [row] = await clickhouse.query(
    'SELECT count() AS rows, sum(calls) AS calls FROM spend_15m',
    {},
    { settings: { optimize_use_projections: 0, prefer_column_name_to_alias: 1 } },
  );
  print('ledger', `${row.rows} rows of ${row.calls} calls`);
  const sums = await clickhouse.query(
    `SELECT name, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.projection_parts
     WHERE active AND database = currentDatabase() AND table = 'spend_15m' GROUP BY name ORDER BY name`,
  );
  for (const { name, rows, bytes } of sums) print(`  ${name}`, `${rows} rows, ${megabytes(bytes)} MB`);
}

/** Sums that came with a newer schema are made in the background, and until then days are read row by row. */
async function waitForSums() {
  const began = performance.now();
  const cpuMs = cpuMsOf(engine.pid());
  const underWay = () => clickhouse.query('SELECT 1 FROM system.mutations WHERE NOT is_done LIMIT 1');
  if ((await underWay()).length === 0) return;
  while ((await underWay()).length > 0 && performance.now() - began < 3_600_000) await sleep(500);
  const cpuS = (cpuMsOf(engine.pid()) - cpuMs) / 1000;
  print('sums of a newer schema', `in ${seconds(began)} s, ${cpuS.toFixed(0)} s of engine CPU`);
}

/** What the Spend page asks for a month, as its panels do; a chart shows the eight dearest groups. */
async function panels(url) {
  const range = month => {
    const { fromMs, toMs } = monthBounds(month, zone);
    return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  };
  const [now, before] = [range(month), range(addMonths(month, -1))];
  const against = { ...now, against_from: before.from, against_to: before.to };
  const chart = { ...now, tz: zone, measures: 'cost_usd', limit: 100_000 };
  const dearest = async by => {
    const query = new URLSearchParams({ ...now, group_by: by, limit: 8 });
    const { rows } = await (await fetch(`${url}/api/v1/spend?${query}`)).json();
    return { group_by: by, where: rows.map(row => `${by}:${row[by]}`).join(',') };
  };
  const groups = ['feature', 'model', 'team', 'tenant', 'prompt', 'line', 'environment', 'provider', 'kind'];
  return [
    ['total', '/spend', { ...now, limit: 1 }],
    ['total, month before', '/spend', { ...before, limit: 1 }],
    ...groups.map(by => [`table by ${by}`, '/spend', { ...now, group_by: by, limit: 100 }]),
    ['tokens by feature', '/spend', { ...now, group_by: 'feature,kind', measures: 'units', limit: 10_000 }],
    ['chart, total by day', '/spend', { ...chart, interval: 'day' }],
    ...(await Promise.all(
      groups
        .slice(0, 6)
        .map(async by => [
          `chart by ${by} and day`,
          '/spend',
          { ...chart, interval: 'day', ...(await dearest(by)) },
        ]),
    )),
    ['chart by feature, hour', '/spend', { ...chart, interval: 'hour', ...(await dearest('feature')) }],
    [
      'chart by feature, Kathmandu',
      '/spend',
      { ...chart, tz: 'Asia/Kathmandu', interval: 'day', ...(await dearest('feature')) },
    ],
    ['movers by feature', '/spend/explain', { ...against, by: 'feature', limit: 50 }],
    ['movers by model', '/spend/explain', { ...against, by: 'model', limit: 50 }],
    ['sides of movers', '/spend', { ...now, group_by: 'feature,model', measures: 'calls', limit: 10_000 }],
    ['one team, by feature', '/spend', { ...now, where: 'team:team-3', group_by: 'feature', limit: 100 }],
    ['unpriced models', '/prices/unpriced', now],
    ['months', '/months', {}],
    ['forecast', '/spend/forecast', {}],
    ['budgets', '/budgets', {}],
    ['statement, centres', '/statement/centres', { month }],
    ['statement of a team', '/statement', { month, value: 'team-3' }],
  ];
}

/** Nothing is kept between two answers, so that each of them is a first one, but for what the engine has in its memory of files. */
async function measurePanels({ url, pid }) {
  console.log(
    `\n${'panel'.padEnd(30)}     p50     p95  engine CPU  api CPU  rows read  MB read  (ms, ${repeat} times; goal p95 <= ${panelGoalMs})`,
  );
  const missed = [];
  for (const [name, path, query] of await panels(url)) {
    const address = `${url}/api/v1${path}?${new URLSearchParams(query)}`;
    const ms = [];
    let failure = '';
    const before = await spent(pid);
    for (let n = 0; n < repeat && !failure; n += 1) {
      const began = performance.now();
      const answer = await fetch(address);
      const text = await answer.text();
      if (!answer.ok) failure = `${answer.status} ${text.slice(0, 160)}`;
      ms.push(performance.now() - began);
    }
    const after = await spent(pid);
    if (failure) console.log(`${name.padEnd(30)} ${failure}`);
    else {
      const p95 = quantile(ms, 0.95);
      if (p95 > panelGoalMs) missed.push(name);
      const each = what => (after[what] - before[what]) / repeat;
      const figures = [
        quantile(ms, 0.5).toFixed(0).padStart(7),
        p95.toFixed(0).padStart(7),
        each('engineMs').toFixed(0).padStart(11),
        each('apiMs').toFixed(0).padStart(8),
        each('rows').toFixed(0).padStart(10),
        megabytes(each('bytes')).padStart(8),
      ];
      console.log(`${name.padEnd(30)} ${figures.join(' ')}${p95 > panelGoalMs ? '  missed' : ''}`);
    }
  }
  print('\npanels', missed.length ? `missed the goal: ${missed.join(', ')}` : 'all within the goal');
  print('api', `${rssMb(pid)} MB after them`);
}

/** Since they began: CPU time of the engine and of the API, and what the engine has read. */
async function spent(apiPid) {
  const events = await clickhouse.query(
    "SELECT event, value FROM system.events WHERE event IN ('SelectedRows', 'SelectedBytes')",
  );
  const of = event => Number(events.find(row => row.event === event)?.value ?? 0);
  return {
    engineMs: engine.pid() ? cpuMsOf(engine.pid()) : 0,
    apiMs: cpuMsOf(apiPid),
    rows: of('SelectedRows'),
    bytes: of('SelectedBytes'),
  };
}

async function measureFiles({ url, pid }) {
  console.log(
    `\nfile of the month        seconds       MB   api RSS growth, MB  engine   engine CPU, s  (goal <= ${fileGoalS} s)`,
  );
  for (const format of ['csv', 'parquet', 'focus']) {
    const before = { api: rssMb(pid), engine: rssMb(engine.pid()) };
    const peak = { ...before };
    const watch = setInterval(() => {
      peak.api = Math.max(peak.api, rssMb(pid));
      peak.engine = Math.max(peak.engine, rssMb(engine.pid()));
    }, 50);
    const cpuMs = cpuMsOf(engine.pid());
    const began = performance.now();
    const answer = await fetch(`${url}/api/v1/export/spend?month=${month}&format=${format}`);
    if (!answer.ok) throw new Error(await answer.text());
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      hash.update(chunk);
    }
    clearInterval(watch);
    const took = (performance.now() - began) / 1000;
    console.log(
      `${format.padEnd(24)} ${took.toFixed(1).padStart(7)} ${megabytes(bytes).padStart(8)} ${String(peak.api - before.api).padStart(16)} ${String(peak.engine - before.engine).padStart(12)} ${((cpuMsOf(engine.pid()) - cpuMs) / 1000).toFixed(1).padStart(15)}${took > fileGoalS ? '  missed' : ''}`,
    );
  }
}

function startApiProcess() {
  const child = fork(fileURLToPath(new URL('./spend-api.js', import.meta.url)), {
    env: {
      ...process.env,
      DRIFTLINE_BENCH: JSON.stringify({
        dataDir,
        engine: { url: engine.url, user: engine.user, password: engine.password },
        reportingZone: zone,
      }),
    },
  });
  return new Promise((resolve, reject) => {
    child.once('message', ({ url }) => resolve({ url, pid: child.pid, stop: () => child.disconnect() }));
    child.once('exit', code => reject(new Error(`the api ended with ${code}`)));
  });
}

function rssMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** CPU time of a process, in ms, as the kernel counts it: in hundredths of a second. */
function cpuMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function quantile(list, q) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(0);
}

function megabytes(bytes) {
  return (Number(bytes) / 1e6).toFixed(1);
}

function print(name, text) {
  console.log(`${name.padEnd(24)} ${text}`);
}
