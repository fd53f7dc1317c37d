import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AlertDetail, AlertSummary, InternalAlert, listAlerts } from '#contract/alert.ts';
import type { Channel } from '#contract/channel.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import { outageRun } from '../crash/outage-run.ts';
import { insertHistory } from '../fixtures/call-history.ts';
import { type Driftline, eventually, type Room, startDriftline } from '../support/driftline.ts';
import { withEngine } from '../support/engine-rows.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { walSegments } from '../support/ledger.ts';
import { createImage, mountImage, mountProblem } from '../support/loop-disk.ts';
import { send } from '../support/otlp-requests.ts';
import { seeded } from '../support/seeded.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

// Rows of the failure table in which a process, the disk or a file fails; the others are in failure-table.test.ts.

const DAY_MS = 86_400_000;
const random = seeded(20_261_121);
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(environment: Record<string, string> = {}, folder?: string): Promise<Driftline> {
  const driftline = await startDriftline(environment, folder);
  open.push(() => driftline.stop());
  return driftline;
}

const spansOf = (driftline: Driftline) =>
  withEngine(driftline, clickhouse =>
    clickhouse.query<{ row: string }>(
      'SELECT toString(tuple(trace_id, span_id)) AS row FROM spans FINAL ORDER BY row',
    ),
  );

async function lostAndDoubled(driftline: Driftline, acked: readonly string[]) {
  const rows = (await spansOf(driftline)).map(({ row }) => row);
  const stored = new Set(rows);
  return { lost: acked.filter(row => !stored.has(row)).length, doubled: rows.length - stored.size };
}

const someSpans = (count: number, startMs = Date.now() - 5_000) =>
  Array.from({ length: count }, () => ({
    ...chatSpan(random.hex(16), random.hex(8), 'failure-table'),
    startMs,
  }));

const bodyOf = (spans: ReturnType<typeof someSpans>) =>
  jsonBody('failure table', traceRequest(spans.map(otlpSpan)));

const emptyWal = (driftline: Driftline) =>
  eventually(
    async () => walSegments(driftline.dataDir).length,
    segments => segments === 0,
  );

interface Health {
  status: 'ok' | 'degraded';
  problems: string[];
}

const health = (driftline: Driftline) => driftline.get<Health>('/api/v1/health');

/** The alert about Driftline itself that fires for this. */
async function internalAlert(driftline: Driftline, title: RegExp): Promise<InternalAlert> {
  const list = () => driftline.get<ReplyOf<typeof listAlerts>>('/api/v1/alerts?state=firing');
  const alertIn = ({ internal }: { internal: InternalAlert[] }) =>
    internal.find(alert => title.test(alert.title));
  return alertIn(await eventually(list, reply => alertIn(reply) !== undefined))!;
}

function isRunning(driftline: Driftline, room: Room): boolean {
  try {
    return driftline.pid(room) > 0;
  } catch {
    return false;
  }
}

const awayWords = /The store does not answer; it restarts by itself/;

describe('a process that dies', () => {
  let driftline: Driftline;
  beforeAll(async () => {
    driftline = await startDriftline();
  });
  afterAll(() => driftline?.stop());

  test('kill -9 collector after ack', async () => {
    const pid = driftline.pid('collector');
    // Its senders come back until they are acknowledged; what was acknowledged before is not sent again.
    const outcome = await outageRun({
      driftline,
      seed: 5,
      seconds: 3,
      spansPerSecond: 250,
      async takeAway(turnedAway) {
        // It may be back before any sender has come: killed until one was turned away.
        await eventually(
          async () => {
            if (turnedAway() === 0 && isRunning(driftline, 'collector')) driftline.kill('collector');
            return turnedAway();
          },
          times => times > 0,
        );
      },
      giveBack() {},
    });
    expect(driftline.pid('collector')).not.toBe(pid);
    expect(outcome.tries).toBeGreaterThan(outcome.requests);
    expect(await lostAndDoubled(driftline, outcome.acked)).toEqual({ lost: 0, doubled: 0 });
    expect(driftline.log()).toMatch(/the collector stopped, starting it again/);
  });

  test('kill -9 engine', async () => {
    const told: string[] = [];
    const outcome = await outageRun({
      driftline,
      seed: 6,
      seconds: 3,
      spansPerSecond: 250,
      async takeAway() {
        // It may be back before anybody has looked.
        const { problems } = await eventually(
          async () => {
            if (isRunning(driftline, 'engine')) driftline.kill('engine');
            return health(driftline);
          },
          seen => awayWords.test(seen.problems.join()),
        );
        told.push(...problems);
      },
      giveBack() {},
    });
    expect(told.join()).toMatch(awayWords);
    // Nobody was turned away meanwhile.
    expect(outcome.tries).toBe(outcome.requests);
    await eventually(
      () => health(driftline),
      ({ status }) => status === 'ok',
    );
    expect(await lostAndDoubled(driftline, outcome.acked)).toEqual({ lost: 0, doubled: 0 });
  });

  test('engine freezes on fatal signal', async () => {
    const pid = driftline.pid('engine');
    const outcome = await outageRun({
      driftline,
      seed: 4,
      seconds: 5,
      spansPerSecond: 250,
      // A process that is stopped looks to everybody else as one that hangs.
      takeAway: () => driftline.kill('engine', 'SIGSTOP'),
      giveBack() {},
    });
    expect(driftline.pid('engine')).not.toBe(pid);
    expect(driftline.log()).toMatch(/pings unanswered and was killed/);
    expect(outcome.tries).toBe(outcome.requests);
    expect(await lostAndDoubled(driftline, outcome.acked)).toEqual({ lost: 0, doubled: 0 });
  });
});

test('disk full', async ({ annotate }) => {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-disk-full-'));
  open.push(() => rmSync(folder, { recursive: true, force: true }));
  const problem = mountProblem(folder);
  if (problem !== null) {
    await annotate(`No disk was filled. ${problem}`, 'warning');
    expect(problem).toMatch(/^[A-Z].*\.$/);
    return;
  }
  createImage(join(folder, 'disk.img'), 3 * 2 ** 30);
  const disk = mountImage(join(folder, 'disk.img'), join(folder, 'disk'));
  open.push(() => disk.unmount());
  const driftline = await start({}, join(disk.folder, 'data'));
  const acked: string[] = [];
  const offer = async () => {
    const spans = someSpans(100);
    const { body } = bodyOf(spans);
    const response = await fetch(`${driftline.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(body),
    });
    if (response.status === 200)
      acked.push(...spans.map(({ traceId, spanId }) => `('${traceId}','${spanId}')`));
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  };
  expect((await offer()).status).toBe(200);
  await emptyWal(driftline);

  const fillUpTo = (leftMiB: number, name: string) => {
    const df = ['--output=avail', '-B1', disk.folder];
    const free = Number(execFileSync('df', df, { encoding: 'utf8' }).split('\n')[1]);
    const ballast = join(disk.folder, name);
    execFileSync('fallocate', ['-l', String(free - leftMiB * 2 ** 20), ballast]);
    open.push(() => rmSync(ballast, { force: true }));
    return ballast;
  };
  // Less than the GiB the engine wants for an insert: the write-ahead log goes on taking.
  const most = fillUpTo(600, 'most');
  for (let batch = 0; batch < 3; batch += 1) expect((await offer()).status).toBe(200);
  // Less than the log's own reserve: nothing new is taken.
  const rest = fillUpTo(4, 'rest');
  const refused = await eventually(offer, ({ status }) => status !== 200);
  expect(refused).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
  // Reads work all the while.
  expect(await spansOf(driftline)).toHaveLength(100);

  for (const ballast of [most, rest]) rmSync(ballast);
  await eventually(offer, ({ status }) => status === 200);
  await emptyWal(driftline);
  expect(await lostAndDoubled(driftline, acked)).toEqual({ lost: 0, doubled: 0 });
});

describe('what the engine finds damaged when it starts', () => {
  let driftline: Driftline;
  beforeAll(async () => {
    driftline = await startDriftline({ DRIFTLINE_CHECK_SECONDS: '1' });
  });
  afterAll(() => driftline?.stop());

  test('part broken at start', async () => {
    // One moment for all of it: the day is looked for below, and may end meanwhile.
    const brokenMs = Date.now() - 2 * DAY_MS;
    const [broken, whole] = [someSpans(20, brokenMs), someSpans(20)];
    await send(driftline.otlpHttp, bodyOf(broken));
    await send(driftline.otlpHttp, bodyOf(whole));
    await emptyWal(driftline);
    const parts = await withEngine(driftline, clickhouse =>
      clickhouse.query<{ path: string }>(
        `SELECT path FROM system.parts WHERE active AND table = 'spans' AND rows > 0
         AND partition = {day:String}`,
        { day: new Date(brokenMs).toISOString().slice(0, 10).replaceAll('-', '') },
      ),
    );
    expect(parts.length).toBeGreaterThan(0);
    await driftline.killAll();
    for (const { path } of parts) {
      for (const name of readdirSync(path).filter(file => /^data\.(bin|cmrk)|^data\.bin$/.test(file)))
        truncateSync(join(path, name), 3);
    }
    await driftline.restart();
    const stored = new Set((await spansOf(driftline)).map(({ row }) => row));
    expect(whole.every(({ traceId, spanId }) => stored.has(`('${traceId}','${spanId}')`))).toBe(true);
    expect(broken.some(({ traceId, spanId }) => stored.has(`('${traceId}','${spanId}')`))).toBe(false);
    const alert = await internalAlert(driftline, /part \d{8}_\S+ of spans could not be read/);
    expect(alert.severity).toBe('critical');
    expect(alert.detail).toMatch(/\d{8}_\S+ of spans \(20 rows\)/);
    const { status, problems } = await health(driftline);
    expect(status).toBe('degraded');
    expect(problems.join()).toMatch(/Part \d{8}_\S+ of spans could not be read/);
    // It takes new ones, of that day too.
    const again = someSpans(5, brokenMs);
    await send(driftline.otlpHttp, bodyOf(again));
    await emptyWal(driftline);
    expect(await spansOf(driftline)).toHaveLength(25);
  });

  test('unreadable table definition', async () => {
    await send(driftline.otlpHttp, bodyOf(someSpans(20)));
    await emptyWal(driftline);
    const before = await spansOf(driftline);
    expect(before.length).toBeGreaterThanOrEqual(20);
    const [table] = await withEngine(driftline, clickhouse =>
      clickhouse.query<{ path: string }>(
        `SELECT metadata_path AS path FROM system.tables WHERE database = currentDatabase() AND name = 'spans'`,
      ),
    );
    await driftline.killAll();
    const definition = join(driftline.dataDir, 'clickhouse', 'store', table!.path);
    const words = readFileSync(definition);
    truncateSync(definition, 700);

    await driftline.restart();
    expect(await spansOf(driftline)).toEqual(before);
    const alert = await internalAlert(driftline, /the definition of the table spans could not be read/);
    expect(alert.severity).toBe('critical');
    expect(alert.detail).toContain('spans was made anew with all its rows');
    expect((await health(driftline)).problems.join()).toMatch(/The definition of the table spans/);
    expect(readFileSync(definition, 'utf8')).toBe(words.toString());
    // The damaged file is kept, and the store takes rows.
    const quarantine = join(driftline.dataDir, 'clickhouse', 'quarantine');
    expect(readdirSync(quarantine).filter(name => /^spans\.\d+\.sql$/.test(name))).toHaveLength(1);
    await send(driftline.otlpHttp, bodyOf(someSpans(5)));
    await emptyWal(driftline);
    expect(await spansOf(driftline)).toHaveLength(before.length + 5);

    // Whoever has looked at it takes it away, and that is the end of it.
    rmSync(quarantine, { recursive: true });
    await eventually(
      () => health(driftline),
      ({ problems }) => !problems.join().includes('The definition of the table'),
    );
  });
});

test('api restart during firing alert', async () => {
  const driftline = await start({ DRIFTLINE_CHECK_SECONDS: '2' });
  const receiver = await startWebhookReceiver();
  open.push(() => receiver.stop());
  await driftline.post<Channel>('/api/v1/channels', { url: receiver.url });
  const nowMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const changeMs = nowMs - 3 * DAY_MS;
  const series = {
    feature: 'support-bot',
    model: 'gpt-5-mini',
    rate: 5,
    quality: (at: number) => 0.9 - (at >= changeMs ? 0.09 : 0),
  };
  await withEngine(driftline, clickhouse =>
    insertHistory(clickhouse, {
      projectId: 'default',
      fromMs: nowMs - 28 * DAY_MS,
      toMs: nowMs,
      seed: 7,
      series: [series],
    }),
  );
  const types = () => receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  await eventually(
    async () => types(),
    events => events.includes('incident.firing'),
  );
  // A sender that is killed before it noted the answer would send it once more.
  await eventually(
    async () => {
      const { alerts } = await driftline.get<{ alerts: AlertSummary[] }>('/api/v1/alerts');
      return Promise.all(alerts.map(({ id }) => driftline.get<AlertDetail>(`/api/v1/alerts/${id}`)));
    },
    details => details.flatMap(({ deliveries }) => deliveries).some(({ status }) => status === 'delivered'),
  );
  for (const room of ['api', 'engine', 'api'] as const) {
    await eventually(
      async () => driftline.kill(room),
      () => true,
    );
    // A few checks, some of them while the store is away.
    await sleep(4_000);
  }
  const list = await eventually(
    () => driftline.get<{ alerts: { state: string }[] }>('/api/v1/alerts'),
    () => true,
  );
  // Depending on the hour there may be an improvement beside it, which nobody is told of.
  expect(list.alerts.filter(({ state }) => state === 'firing')).toHaveLength(1);
  expect(types()).toEqual(['incident.firing']);
});
