#!/usr/bin/env node
// npm run bench:decision -- [--seconds 30] [--rate 2000] [--spans 1000]
// A whole Driftline on a temporary folder that takes in spans meanwhile. First decisions at a fixed rate; then applications
// with the example client that spend a small budget and send a span for every call, while the api is killed and started
// again. Prints what decisions took, and by how much the ledger says the ceiling was overspent.
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { CeilingClient } from '../../examples/ceiling-client/ceiling-client.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '2000' },
    spans: { type: 'string', default: '1000' },
  },
});
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'driftline-bench-decision-'));
const port = 20_000 + Math.floor(Math.random() * 20_000);
const url = `http://127.0.0.1:${port}`;
const seconds = Number(values.seconds);
const connections = 32;
const applications = 20;
/** 100,000 input tokens of gpt-4o-mini at $0.15 a million. */
const callUsd = 0.015;
const ceilingUsd = 6;
const leaseUsd = 0.15;
const loopFile = join(dataDir, 'loop');
const rooms = [];

try {
  const engine = await startRoom('engine');
  const variables = {
    CLICKHOUSE_URL: engine.addresses.clickhouseUrl,
    CLICKHOUSE_USER: engine.addresses.clickhouseUser,
    CLICKHOUSE_PASSWORD: engine.addresses.clickhousePassword,
  };
  const collector = await startRoom('collector', variables);
  const watched = ['--import', new URL('./watch-loop.js', import.meta.url).href];
  const api = await startRoom('api', { ...variables, DRIFTLINE_TEST_LOOP_FILE: loopFile }, watched);
  const endpoint = collector.addresses.otlpHttp;
  const sending = sendSpans(endpoint, 2 * seconds + 8);
  await load();
  await bareLoad();
  await sending;
  await applicationsUnderKill({ api, endpoint, variables });
} finally {
  for (const room of rooms.reverse()) await room.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function load() {
  const ceiling = { deny_at_percent: 100, degrade_at_percent: 80, lease_usd: '0.01' };
  const { id } = await post('/api/v1/budgets', { name: 'Everything', amount_usd: '1000000', ceiling });
  await sleep(3000);
  const before = cpuMs(rooms[2].pid);
  const fromMs = Date.now();
  const {
    ms,
    counts,
    seconds: took,
  } = await worker('./decision-load.js', {
    url: `${url}/api/v1/decision?feature=support-bot&tenant=tenant-1`,
    perSecond: Number(values.rate),
    seconds,
    connections,
  });
  print(
    'decisions',
    `${Math.round(ms.length / took)} a second for ${took.toFixed(0)} s beside ${values.spans} spans/s: ${describe(counts)}`,
  );
  print(
    'answered in',
    `p50 ${quantile(ms, 0.5)} ms, p99 ${quantile(ms, 0.99)} ms, longest ${quantile(ms, 1)} ms`,
  );
  print(
    'cpu of the api',
    `${(((cpuMs(rooms[2].pid) - before) / took) * 0.1).toFixed(0)} % of a core; load of the machine ${loadavg()[0].toFixed(1)}`,
  );
  await fetch(`${url}/api/v1/budgets/${id}`, { method: 'DELETE' });
  const kept = readFileSync(loopFile, 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(' ').map(Number))
    .filter(([at]) => at > fromMs)
    .map(([, longestMs]) => longestMs);
  print(
    'event loop',
    `of the api kept for at most ${quantile(kept, 1)} ms, in the median second ${quantile(kept, 0.5)} ms`,
  );
}

/** The same questions to a server that does nothing, beside the same spans: what the machine adds by itself. */
async function bareLoad() {
  const server = fork(new URL('./bare-server.js', import.meta.url));
  try {
    const port = await new Promise(resolve => server.once('message', resolve));
    const url = `http://127.0.0.1:${port}/`;
    const { ms } = await worker('./decision-load.js', {
      url,
      perSecond: Number(values.rate),
      seconds,
      connections,
    });
    print(
      'a bare server',
      `p50 ${quantile(ms, 0.5)} ms, p99 ${quantile(ms, 0.99)} ms, longest ${quantile(ms, 1)} ms`,
    );
  } finally {
    server.disconnect();
  }
}

async function applicationsUnderKill({ api, endpoint, variables }) {
  const about = { feature: 'ceiling-app' };
  const filter = [{ dimension: 'feature', value: 'ceiling-app' }];
  const ceiling = { deny_at_percent: 100, lease_usd: String(leaseUsd), lease_s: 20 };
  const { id } = await post('/api/v1/budgets', {
    name: 'Applications',
    amount_usd: String(ceilingUsd),
    period: 'day',
    filter,
    ceiling,
  });
  const counts = { lease: 0, driftline: 0, denied: 0, away: 0 };
  let calls = 0;
  let phase = 'up';
  const byPhase = { up: 0, killed: 0, again: 0 };
  let running = true;
  const work = Array.from({ length: applications }, async () => {
    const client = new CeilingClient({ url, fallback: 'deny' });
    while (running) {
      const { decision, source } = await client.check(about, callUsd);
      if (decision === 'deny') counts[source === 'fallback' ? 'away' : 'denied'] += 1;
      else {
        counts[source] += 1;
        calls += 1;
        byPhase[phase] += 1;
        await sendCall(endpoint);
      }
      await sleep(decision === 'deny' ? 500 : 700);
    }
  });
  await sleep(5000);
  phase = 'killed';
  process.kill(api.pid, 'SIGKILL');
  await sleep(8000);
  phase = 'again';
  await startRoom('api', variables);
  await sleep(20_000);
  running = false;
  await Promise.all(work);
  const spent = await spentOf(id, calls);
  print(
    'applications',
    `${applications} with leases of $${leaseUsd} under a ceiling of $${ceilingUsd}: ${calls} calls of $${callUsd}`,
  );
  print(
    '',
    `${counts.lease} from a lease they had, ${counts.driftline} after asking; denied ${counts.denied} times, and ${counts.away} times while Driftline was away`,
  );
  print(
    'calls',
    `${byPhase.up} before the api was killed, ${byPhase.killed} while it was away, ${byPhase.again} after it was back`,
  );
  print(
    'spent',
    `$${spent.toFixed(3)} by the ledger; overspend $${Math.max(0, spent - ceilingUsd).toFixed(3)}, one lease is $${leaseUsd}`,
  );
  if (spent - ceilingUsd > leaseUsd) process.exitCode = 1;
}

/** What the ledger says once all calls are in it. */
async function spentOf(id, calls) {
  let spent = 0;
  for (let tries = 0; tries < 240; tries += 1) {
    const { budgets } = await (await fetch(`${url}/api/v1/budgets`)).json();
    spent = Number(budgets.find(budget => budget.id === id).state.spent_usd);
    if (spent > calls * callUsd - 1e-6) return spent;
    await sleep(2000);
  }
  throw new Error(`after eight minutes the ledger shows $${spent} of $${calls * callUsd}`);
}

async function sendCall(endpoint) {
  const endNs = BigInt(Date.now()) * 1_000_000n;
  const string = (key, stringValue) => ({ key, value: { stringValue } });
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'chat gpt-4o-mini',
    kind: 3,
    startTimeUnixNano: String(endNs - 300_000_000n),
    endTimeUnixNano: String(endNs),
    attributes: [
      string('gen_ai.operation.name', 'chat'),
      string('gen_ai.provider.name', 'openai'),
      string('gen_ai.request.model', 'gpt-4o-mini'),
      string('app.feature', 'ceiling-app'),
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '100000' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '0' } },
    ],
  };
  const resource = { attributes: [string('service.name', 'ceiling-app')] };
  const body = { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench' }, spans: [span] }] }] };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${endpoint}/v1/traces`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the collector answers ${answer.status}`);
  await answer.arrayBuffer();
}

function sendSpans(endpoint, forSeconds) {
  const options = {
    endpoint,
    seconds: forSeconds,
    spansPerSecond: Number(values.spans),
    spansPerRequest: 50,
    connections: 2,
    seed: 7,
  };
  return new Promise((resolve, reject) => {
    const sender = new Worker(new URL('./sender.js', import.meta.url), { workerData: options });
    sender.on('error', reject);
    sender.on('exit', resolve);
  });
}

function worker(file, workerData) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(file, import.meta.url), { workerData });
    thread.on('message', resolve);
    thread.on('error', reject);
  });
}

async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
}

async function startRoom(name, variables = {}, nodeOptions = []) {
  const child = spawn(process.execPath, [...nodeOptions, main, 'start', name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      DRIFTLINE_DATA_DIR: dataDir,
      DRIFTLINE_PORT: String(port),
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
  const ready = await Promise.race([
    new Promise(resolve => child.on('message', message => message.ready && resolve(message))),
    gone.then(code => Promise.reject(new Error(`the ${name} ended with ${code}`))),
  ]);
  return Object.assign(room, { addresses: ready.addresses });
}

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function quantile(list, q) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]?.toFixed(2) ?? 'none';
}

function describe(counts) {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function print(name, text) {
  console.log(`${name.padEnd(16)} ${text}`);
}
