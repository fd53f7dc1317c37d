import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { outageRun } from '../crash/outage-run.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { walSegments } from '../support/ledger.ts';
import { send } from '../support/otlp-requests.ts';
import { seeded } from '../support/seeded.ts';

// What happens when something fails, row by row, as tests with the names of the rows. Those in which a process, a disk or a
// file fails are in failure-table-processes.test.ts, a request in failure-table-requests.test.ts; `power cut` and `second
// instance on same folder` have a file of their own, `webhook receiver down 24 h` is with the alerts.

const DAY_MS = 86_400_000;

interface Health {
  status: 'ok' | 'degraded';
  problems: string[];
  ingest: { acked: number; stored: number; waiting: number; rejected: Record<string, number> };
}

let engine: TestEngine;
let proxy: FaultyProxy;
let driftline: Driftline;
beforeAll(async () => {
  engine = await startTestEngine();
  proxy = await startFaultyProxy(engine.url);
  driftline = await startDriftline({
    CLICKHOUSE_URL: proxy.url,
    CLICKHOUSE_USER: engine.user,
    CLICKHOUSE_PASSWORD: engine.password,
    DRIFTLINE_WAL_LIMIT_MB: '16',
    DRIFTLINE_CHECK_SECONDS: '1',
  });
});
afterEach(() => proxy.become('none'));
afterAll(async () => {
  await driftline?.stop();
  await proxy?.stop();
  await engine?.stop();
});

const random = seeded(20_261_121);
const health = () => driftline.get<Health>('/api/v1/health');
const emptyWal = () =>
  eventually(
    async () => walSegments(driftline.dataDir).length,
    segments => segments === 0,
  );

async function storedSpans(traceIds: readonly string[]): Promise<{ spans: number; rows: number }> {
  const [row] = await engine.clickhouse.query<{ spans: string; rows: string }>(
    `SELECT uniqExact(trace_id, span_id) AS spans, count() AS rows FROM spans FINAL
     WHERE trace_id IN {traceIds:Array(String)}`,
    { traceIds },
  );
  return { spans: Number(row!.spans), rows: Number(row!.rows) };
}

/** Acknowledged spans that are missing, and rows that are there more than once. */
async function lostAndDoubled(acked: readonly string[]): Promise<{ lost: number; doubled: number }> {
  const rows = await engine.clickhouse.query<{ row: string }>(
    'SELECT toString(tuple(trace_id, span_id)) AS row FROM spans FINAL',
  );
  const stored = new Set(rows.map(({ row }) => row));
  return { lost: acked.filter(span => !stored.has(span)).length, doubled: rows.length - stored.size };
}

function oneSpan(over: Partial<ReturnType<typeof chatSpan>> = {}) {
  return { ...chatSpan(random.hex(16), random.hex(8), 'failure-table'), ...over };
}

const bodyOf = (spans: ReturnType<typeof oneSpan>[], padding = '') =>
  jsonBody('failure table', traceRequest(spans.map(span => otlpSpan(withPadding(span, padding)))));

function withPadding(span: ReturnType<typeof oneSpan>, padding: string) {
  return padding ? { ...span, attributes: { ...span.attributes, padding } } : span;
}

function post(body: Buffer): Promise<Response> {
  return fetch(`${driftline.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(body),
  });
}

// `npm run test:outage -- --minutes 60` is the same at length.
test('ClickHouse / engine down 1 h', async () => {
  let worst: Health | null = null;
  const outcome = await outageRun({
    driftline,
    seed: 1,
    seconds: 6,
    spansPerSecond: 250,
    takeAway: () => proxy.become('refuse'),
    giveBack: () => proxy.become('none'),
    async meanwhile(second, acked) {
      if (second !== 4) return;
      expect(acked).toBeGreaterThan(0);
      const isSeen = ({ problems, ingest }: Health) =>
        /does not answer/.test(problems.join()) && ingest.waiting > 0;
      worst = await eventually(health, isSeen);
      // Nothing is known now, and nothing is what must not be shown as zero.
      await expect(driftline.get('/api/v1/measures?measures=calls&from=now-1h')).rejects.toThrow(/: 50\d /);
    },
  });
  expect(worst!.status).toBe('degraded');
  expect(worst!.problems.join()).toMatch(/does not answer/);
  expect(worst!.ingest.waiting).toBeGreaterThan(0);
  expect(outcome.tries).toBe(outcome.requests);
  expect(await lostAndDoubled(outcome.acked)).toEqual({ lost: 0, doubled: 0 });
  await eventually(health, ({ status, ingest }) => status === 'ok' && ingest.waiting === 0);
});

test('slow engine', async () => {
  let mostWaiting = 0;
  const outcome = await outageRun({
    driftline,
    seed: 2,
    seconds: 4,
    spansPerSecond: 250,
    takeAway: () => proxy.become({ delayMs: 1_500 }),
    giveBack: () => proxy.become('none'),
    async meanwhile(second) {
      if (second === 3)
        mostWaiting = (await eventually(health, ({ ingest }) => ingest.waiting > 0)).ingest.waiting;
    },
  });
  // Nobody was turned away; it shows in what waits.
  expect(outcome.tries).toBe(outcome.requests);
  expect(mostWaiting).toBeGreaterThan(0);
  expect(await lostAndDoubled(outcome.acked)).toEqual({ lost: 0, doubled: 0 });
});

test('an engine that stores and does not say so', async () => {
  const outcome = await outageRun({
    driftline,
    seed: 3,
    seconds: 4,
    spansPerSecond: 250,
    takeAway: () => proxy.become('lose-answer'),
    giveBack: () => proxy.become('none'),
  });
  expect(proxy.requests).toBeGreaterThan(0);
  expect(await lostAndDoubled(outcome.acked)).toEqual({ lost: 0, doubled: 0 });
});

test('WAL limit reached', async () => {
  proxy.become('refuse');
  const padding = 'x'.repeat(6_000);
  const acked: string[] = [];
  let refused: Response | null = null;
  for (let requests = 0; requests < 60 && refused === null; requests += 1) {
    const spans = Array.from({ length: 100 }, () => oneSpan());
    const response = await post(bodyOf(spans, padding).body);
    if (response.status === 200) acked.push(...spans.map(({ traceId }) => traceId));
    else refused = response;
    await response.text();
  }
  expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([503, '30']);
  expect(acked.length).toBeGreaterThan(1_000);
  const full = /write-ahead log is \d+ % full/;
  await eventually(health, ({ problems }) => full.test(problems.join()));
  await eventually(
    () => driftline.get<{ internal: { title: string }[] }>('/api/v1/alerts?state=firing'),
    ({ internal }) => internal.some(({ title }) => full.test(title)),
  );
  proxy.become('none');
  await emptyWal();
  expect((await post(bodyOf([oneSpan()]).body)).status).toBe(200);
  expect(await storedSpans(acked)).toEqual({ spans: acked.length, rows: acked.length });
});

describe('clock skew of two days', () => {
  const attributesOf = async (traceId: string) => {
    const [row] = await engine.clickhouse.query<{
      ageMs: string;
      flags: string;
      original: string;
      durationMs: number;
    }>(
      `SELECT dateDiff('millisecond', start_time, now64(3)) AS ageMs,
         attributes['driftline.flags'] AS flags, attributes['driftline.original_start_time_unix_nano'] AS original,
         duration_ns / 1e6 AS durationMs
       FROM spans FINAL WHERE trace_id = {traceId:String}`,
      { traceId },
    );
    return row!;
  };

  test('a start two days ahead moves to the time of receipt and is flagged, one two days ago stays', async () => {
    const sentMs = Date.now();
    const [ahead, behind] = [
      oneSpan({ startMs: Date.now() + 2 * DAY_MS }),
      oneSpan({ startMs: Date.now() - 2 * DAY_MS }),
    ];
    await send(driftline.otlpHttp, bodyOf([ahead, behind]));
    await emptyWal();
    const moved = await attributesOf(ahead.traceId);
    expect(moved.flags).toBe('clock_skew');
    // Its age when it is looked at, which on a busy machine is a while after it was sent.
    expect(Math.abs(Number(moved.ageMs))).toBeLessThan(Date.now() - sentMs + 60_000);
    expect(moved.durationMs).toBe(ahead.durationMs);
    const kept = await attributesOf(behind.traceId);
    expect(kept.flags).toBe('');
    expect(Number(kept.ageMs)).toBeGreaterThan(2 * DAY_MS - 60_000);
  });

  test('older than what is kept is refused with the reason, and its neighbour taken', async () => {
    const [old, good] = [oneSpan({ startMs: Date.now() - 120 * DAY_MS }), oneSpan()];
    const response = await post(bodyOf([old, good]).body);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('older_than_retention') },
    });
    await emptyWal();
    expect(await storedSpans([old.traceId, good.traceId])).toEqual({ spans: 1, rows: 1 });
  });
});

test('duplicate re-send', async () => {
  const span = oneSpan();
  for (let times = 0; times < 3; times += 1) {
    await send(driftline.otlpHttp, bodyOf([span]));
    await sleep(700);
  }
  await emptyWal();
  const where = 'FINAL WHERE trace_id = {traceId:String}';
  const count = async (table: string) =>
    Number(
      (
        await engine.clickhouse.query<{ n: string }>(`SELECT count() AS n FROM ${table} ${where}`, {
          traceId: span.traceId,
        })
      )[0]!.n,
    );
  expect([await count('spans'), await count('calls')]).toEqual([1, 1]);
});
