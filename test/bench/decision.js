#!/usr/bin/env node
// npm run bench:decision -- [--seconds 30] [--rate 2000] [--spans 1000]
// A whole Driftline on a temporary folder that takes in spans meanwhile. First decisions at a fixed rate; then applications
// with the example client that spend a small budget and send a span for every call, while the api is killed and started
// again. Prints what decisions took, beside what a server that does nothing takes, and by how much the ledger says the
// ceiling was overspent.
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { CeilingClient } from '../../examples/ceiling-client/ceiling-client.js';
import { loopTimes } from './loop-times.js';

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
const roundSeconds = 5;
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
  await sending;
  await applicationsUnderKill({ api, endpoint, variables });
} finally {
  for (const room of rooms.reverse()) await room.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/**
 * Rounds of questions to Driftline and, by turns, the same questions to a server that does nothing: what the machine adds by
 * itself, at this moment, beside the same spans.
 */
async function load() {
  const ceiling = { deny_at_percent: 100, degrade_at_percent: 80, lease_usd: '0.01' };
  const { id } = await post('/api/v1/budgets', { name: 'Everything', amount_usd: '1000000', ceiling });
  const bare = fork(new URL('./bare-server.js', import.meta.url));
  const bareUrl = await new Promise(resolve =>
    bare.once('message', at => resolve(`http://127.0.0.1:${at}/`)),
  );
  const decisionUrl = `${url}/api/v1/decision?feature=support-bot&tenant=tenant-1`;
  await sleep(3000);
  const fromMs = Date.now();
  const decisions = [];
  const nothings = [];
  try {
    for (let left = seconds; left > 0; left -= roundSeconds) {
      const forSeconds = Math.min(left, roundSeconds);
      decisions.push(await ask(decisionUrl, rooms[2].pid, forSeconds));
      nothings.push(await ask(bareUrl, bare.pid, forSeconds));
    }
  } finally {
    bare.disconnect();
  }
  await fetch(`${url}/api/v1/budgets/${id}`, { method: 'DELETE' });
  const [ours, theirs] = [sumOf(decisions), sumOf(nothings)];
  print(
    'decisions',
    `${Math.round(ours.ms.length / ours.seconds)} a second for ${ours.seconds.toFixed(0)} s beside ${values.spans} spans/s: ${describe(ours.counts)}`,
  );
  print('answered in', describeTimes(ours));
  print('a bare server', describeTimes(theirs));
  const ratio = (one, other) => (one / other).toFixed(2);
  print(
    'ratio',
    `p99 ${ratio(quantile(ours.ms, 0.99), quantile(theirs.ms, 0.99))}, CPU ${ratio(ours.cpuUs, theirs.cpuUs)}; round by round p99 ${decisions
      .map(({ ms }, index) => ratio(quantile(ms, 0.99), quantile(nothings[index].ms, 0.99)))
      .join(', ')}`,
  );
  const callers = decisions.every(({ isFirst }) => isFirst)
    ? 'before all others'
    : 'by turns with all others';
  print('who goes first', `the thread that answers is nice ${decisions[0].nice}, the callers run ${callers}`);
  print(
    'load',
    `of the machine ${loadavg()[0].toFixed(1)}; the rest of the api's process ${percent(ours.restMs, ours.seconds)} of a core`,
  );
  const kept = loopTimes(loopFile, fromMs);
  print(
    'event loop',
    `of the api's main thread kept for at most ${quantile(kept.ms, 1)} ms, in the median second ${quantile(kept.ms, 0.5)} ms; by its own work ${quantile(kept.ownMs, 1)} and ${quantile(kept.ownMs, 0.5)} ms`,
  );
}

/** One round, and what the busiest thread of the process that answers took for it. */
async function ask(at, pid, forSeconds) {
  const before = threadsOf(pid);
  const asked = await worker('./decision-load.js', {
    url: at,
    perSecond: Number(values.rate),
    seconds: forSeconds,
    connections,
  });
  const took = [...threadsOf(pid)]
    .map(([tid, now]) => {
      const then = before.get(tid) ?? { cpuMs: 0, waitedMs: 0 };
      return { tid, cpuMs: now.cpuMs - then.cpuMs, waitedMs: now.waitedMs - then.waitedMs };
    })
    .sort((one, other) => other.cpuMs - one.cpuMs);
  const restMs = took.slice(1).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return { ...asked, ...took[0], nice: nicenessOf(took[0].tid), restMs };
}

/** Of a thread; what is left of its line in /proc after its name begins with its state. */
function nicenessOf(tid) {
  return Number(readFileSync(`/proc/${tid}/stat`, 'utf8').split(') ').at(-1).split(' ')[16]);
}

function sumOf(rounds) {
  const sum = name => rounds.reduce((total, round) => total + round[name], 0);
  const ms = rounds.flatMap(round => round.ms);
  const counts = {};
  for (const round of rounds) {
    for (const [name, count] of Object.entries(round.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  const [asked, cpuMs, waitedMs] = [sum('seconds'), sum('cpuMs'), sum('waitedMs')];
  return {
    ms,
    counts,
    seconds: asked,
    cpuMs,
    waitedMs,
    restMs: sum('restMs'),
    cpuUs: (cpuMs * 1000) / ms.length,
  };
}

function describeTimes({ ms, seconds: took, cpuUs, cpuMs, waitedMs }) {
  const times = `p50 ${quantile(ms, 0.5)} ms, p99 ${quantile(ms, 0.99)} ms, longest ${quantile(ms, 1)} ms`;
  return `${times}; ${cpuUs.toFixed(0)} us of CPU each, ${percent(cpuMs, took)} of a core; waited for a core ${percent(waitedMs, took)} of the time`;
}

function percent(ms, ofSeconds) {
  return `${(ms / ofSeconds / 10).toFixed(0)} %`;
}

/** CPU time of each thread of a process, and for how long it was ready to run while others did. */
function threadsOf(pid) {
  const threads = new Map();
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8');
    const [cpuNs, waitedNs] = text.split(' ').map(Number);
    threads.set(tid, { cpuMs: cpuNs / 1e6, waitedMs: waitedNs / 1e6 });
  }
  return threads;
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
