import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import { freeLoopbackPort } from '#store/engine/free-port.ts';
import { type Retry, sendLikeACollector } from '../support/collector-style-sender.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { chatSpan, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import {
  type ExportedSignal,
  exportedSignals,
  exportOnce,
  itemsOf,
  type Protocol,
  protocols,
  type Target,
} from '../support/official-exporters.ts';
import { rawRequest } from '../support/raw-otlp.ts';
import { seeded } from '../support/seeded.ts';

const random = seeded(8192);
const everyExporter = exportedSignals.flatMap(signal => protocols.map(protocol => ({ signal, protocol })));
const overHttp = everyExporter.filter(({ protocol }) => protocol !== 'grpc');
const serviceOf = (what: string, signal: ExportedSignal, protocol: Protocol) =>
  `${what}-${signal}-${protocol.replace('/', '-')}`;

/** Every exporter once, at the same time; those that said they failed. */
async function exportAll(
  what: string,
  which: typeof everyExporter,
  target: Target,
  count = 5,
): Promise<string[]> {
  const failed = await Promise.all(
    which.map(async ({ signal, protocol }) => {
      const service = serviceOf(what, signal, protocol);
      const items = await itemsOf(signal, service, count);
      return (await exportOnce(signal, protocol, items, target)) ? [] : [service];
    }),
  );
  return failed.flat().sort();
}

/** Batches as large as the Collector makes them. */
function collectorBatches(count: number, service: string, spansEach = 8192, noteBytes = 120): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const spans = Array.from({ length: spansEach }, () =>
      otlpSpan(
        chatSpan(random.hex(16), random.hex(8), 'batch', {
          'app.note': random.hex(60).padEnd(noteBytes, '.'),
        }),
      ),
    );
    return jsonToProtobuf('traces', Buffer.from(JSON.stringify(traceRequest(spans, service))));
  });
}

interface Health {
  ingest: { waiting: number; rejected: Record<string, number> };
}

const marks = new Map<string, number>();

/** Requests that were refused so far, by reason. The collector reports them now and then: one more of a kind tells when. */
async function refusals({ get, otlpHttp }: Driftline, key?: string): Promise<Record<string, number>> {
  const mark = (marks.get(otlpHttp) ?? 0) + 1;
  marks.set(otlpHttp, mark);
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  expect((await rawRequest(`${otlpHttp}/v1/no-such-signal`, { headers })).status).toBe(404);
  const { ingest } = await eventually(
    () => get<Health>('/api/v1/health'),
    health => health.ingest.rejected.unknown_path === mark,
  );
  return ingest.rejected;
}

/** How many more of one reason there are. */
const more = (reason: string, before: Record<string, number>, after: Record<string, number>) =>
  (after[reason] ?? 0) - (before[reason] ?? 0);

describe('a receiver whose store comes and goes', () => {
  let engine: TestEngine;
  let store: FaultyProxy;
  let driftline: Driftline;
  beforeAll(async () => {
    engine = await startTestEngine();
    store = await startFaultyProxy(engine.url);
    driftline = await startDriftline({
      CLICKHOUSE_URL: store.url,
      CLICKHOUSE_USER: engine.user,
      CLICKHOUSE_PASSWORD: engine.password,
      DRIFTLINE_WAL_LIMIT_MB: '16',
      // The same after a restart, since exporters do not look for another.
      DRIFTLINE_OTLP_HTTP_PORT: String(await freeLoopbackPort()),
      DRIFTLINE_OTLP_GRPC_PORT: String(await freeLoopbackPort()),
    });
  });
  afterAll(async () => {
    await driftline?.stop();
    await store?.stop();
    await engine?.stop();
  });

  const tables = { traces: 'spans', logs: 'logs', metrics: 'metrics' };

  /** Rows of a service as readers see them (once each), asked of the engine itself. */
  async function storedOf(service: string, table: string): Promise<number> {
    const sql = `SELECT count() AS n FROM ${table} FINAL WHERE service = {service:String}`;
    const [row] = await engine.clickhouse.query<{ n: string }>(sql, { service });
    return Number(row!.n);
  }

  async function allStored(what: string, which: typeof everyExporter, count = 5): Promise<void> {
    const expected = which.map(() => count);
    const ask = () =>
      Promise.all(
        which.map(({ signal, protocol }) => storedOf(serviceOf(what, signal, protocol), tables[signal])),
      );
    await eventually(ask, seen => seen.join() === expected.join());
  }

  /** One batch, tried once. */
  async function accepts(spansEach: number): Promise<boolean> {
    const answer = await rawRequest(`${driftline.otlpHttp}/v1/traces`, {
      headers: { 'content-type': 'application/x-protobuf' },
      body: collectorBatches(1, 'collector', spansEach, 7000)[0]!,
    });
    expect([200, 503]).toContain(answer.status);
    return answer.status === 200;
  }

  test('every official exporter is understood', async () => {
    expect(await exportAll('plain', everyExporter, driftline)).toEqual([]);
    await allStored('plain', everyExporter);
  });

  test('full: 503 with Retry-After, which everyone keeps to, and nothing is lost or doubled', async () => {
    store.become('refuse');
    expect(await exportAll('away', everyExporter, driftline)).toEqual([]);

    let filled = 0;
    // Until not even a single large span has room: what is exported next is larger than that.
    for (const spansEach of [200, 20, 1]) {
      while (await accepts(spansEach)) filled += spansEach;
    }

    // Told to come back after 30 s, an exporter that has 10 s for an export gives up at once and does not insist.
    const before = await refusals(driftline);
    const failed = await exportAll('full', everyExporter, driftline, 200);
    expect(failed).toEqual(
      everyExporter.map(({ signal, protocol }) => serviceOf('full', signal, protocol)).sort(),
    );
    expect(more('storage_full', before, await refusals(driftline))).toBe(everyExporter.length);

    // A Collector has the time: it waits as told, and everything arrives once the store is back.
    const retries: Retry[] = [];
    const batches = collectorBatches(2, 'collector');
    const sent = await sendLikeACollector(batches, {
      endpoint: () => driftline.otlpHttp,
      // Its half minutes are seconds here.
      sleep: ms => sleep(ms / 30),
      onRetry: retry => {
        retries.push(retry);
        if (retries.length === batches.length) store.become('none');
      },
    });
    expect(sent).toMatchObject({ accepted: batches.length, dropped: [] });
    expect(new Set(retries.map(retry => JSON.stringify(retry)))).toEqual(
      new Set([JSON.stringify({ status: 503, waitMs: 30_000, wasTold: true })]),
    );
    // A refusal before the body was read ends a connection; nothing else does.
    expect(sent.connections).toBeLessThanOrEqual(4 + retries.length);

    await allStored('away', everyExporter);
    const count = filled + batches.length * 8192;
    await eventually(
      () => storedOf('collector', 'spans'),
      stored => stored === count,
    );
    for (const { signal, protocol } of everyExporter) {
      expect(await storedOf(serviceOf('full', signal, protocol), tables[signal])).toBe(0);
    }
  });

  test('restarted: senders over HTTP come back by themselves', async () => {
    driftline.kill('collector');
    // The wait between two tries is the exporter's own; only the end of it is put off, for a machine that starts slowly.
    expect(await exportAll('restart', overHttp, { ...driftline, timeoutMillis: 60_000 })).toEqual([]);
    await allStored('restart', overHttp);
    // The official gRPC exporter does not repeat an export; its next one gets through.
    const overGrpc = everyExporter.filter(({ protocol }) => protocol === 'grpc');
    expect(await exportAll('after', overGrpc, driftline)).toEqual([]);
    await allStored('after', overGrpc);
  });
});

interface Try {
  /** Path and content type: one exporter. */
  exporter: string;
  status: number;
  retryAfterS: number;
  askedMs: number;
  answeredMs: number;
}

/** Passes requests on to a receiver and notes when each came and what it was told. */
async function startRecorder(receiver: string) {
  const tries: Try[] = [];
  const server = createServer(async (request, response) => {
    const askedMs = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization = '', 'content-type': type = '', 'content-encoding': encoding } = request.headers;
    const answer = await rawRequest(`${receiver}${request.url}`, {
      headers: { authorization, 'content-type': type, ...(encoding && { 'content-encoding': encoding }) },
      body: Buffer.concat(chunks),
    });
    const told = answer.headers['retry-after'];
    response.writeHead(answer.status, { 'content-type': type, ...(told && { 'retry-after': told }) });
    response.end(answer.body);
    tries.push({
      exporter: `${request.url} ${type}`,
      status: answer.status,
      retryAfterS: Number(told ?? Number.NaN),
      askedMs,
      answeredMs: performance.now(),
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tries,
    stop: () => new Promise(resolve => server.close(resolve)),
  };
}

describe('a receiver with keys and limits', () => {
  const key = 'an-ingest-key-of-enough-letters';
  let driftline: Driftline;
  let target: Target;
  beforeAll(async () => {
    driftline = await startDriftline({
      DRIFTLINE_INGEST_KEY: key,
      // One large batch is more than the burst, and puts the key in debt for about ten seconds.
      DRIFTLINE_KEY_LIMIT_MB: '0.3',
      DRIFTLINE_REQUEST_ITEM_LIMIT: '8192',
    });
    target = { ...driftline, key };
  });
  afterAll(() => driftline?.stop());

  test('429 with Retry-After: exporters over HTTP wait as long as told, and then get through', async () => {
    const before = await refusals(driftline, key);
    const greedy = { endpoint: () => driftline.otlpHttp, key, consumers: 1, sleep };
    expect(await sendLikeACollector(collectorBatches(1, 'greedy'), greedy)).toMatchObject({ accepted: 1 });
    const recorder = await startRecorder(driftline.otlpHttp);
    try {
      const patient = { ...target, otlpHttp: recorder.url, timeoutMillis: 120_000 };
      expect(await exportAll('limited', overHttp, patient)).toEqual([]);
    } finally {
      await recorder.stop();
    }
    const { tries } = recorder;
    const ofExporter = [...new Set(tries.map(({ exporter }) => exporter))].map(name =>
      tries.filter(({ exporter }) => exporter === name),
    );
    expect(ofExporter).toHaveLength(overHttp.length);
    for (const of of ofExporter) {
      const statuses = of.map(({ status }) => status);
      expect(statuses).toContain(429);
      // A machine that is slow to write what it takes says 503, with a time to come back as well.
      expect(statuses.filter(status => status !== 429 && status !== 503)).toEqual([200]);
      expect(statuses.at(-1)).toBe(200);
      for (const [at, { answeredMs, retryAfterS }] of of.slice(0, -1).entries())
        expect(of[at + 1]!.askedMs - answeredMs).toBeGreaterThan(retryAfterS * 1000 - 100);
    }
    const refused = tries.filter(({ status }) => status === 429).length;
    expect(more('key_limit', before, await refusals(driftline, key))).toBe(refused);
  });

  test('a Collector keeps to it as well', async () => {
    // Out of debt again after the exports before.
    await eventually(
      () => exportAll('again', overHttp.slice(0, 1), target, 1),
      failed => failed.length === 0,
    );
    const retries: Retry[] = [];
    const sent = await sendLikeACollector(collectorBatches(2, 'patient'), {
      endpoint: () => driftline.otlpHttp,
      key,
      consumers: 1,
      sleep,
      onRetry: retry => retries.push(retry),
    });
    expect(sent).toMatchObject({ accepted: 2, dropped: [] });
    expect(retries.map(({ status }) => status)).toContain(429);
    for (const retry of retries) expect(retry).toMatchObject({ wasTold: true });
    expect(sent.tries).toBe(2 + retries.length);
  });

  test('what is refused for good is not sent again: too many items, no key, no OTLP', async () => {
    const before = await refusals(driftline, key);
    const spans = everyExporter.filter(({ signal }) => signal === 'traces');
    for (const one of spans) {
      // The key must not be in debt, or that would be the reason.
      await eventually(
        () => exportAll('ready', [one], target, 1),
        failed => failed.length === 0,
      );
      expect(await exportAll('many', [one], target, 8193)).toHaveLength(1);
    }
    expect(await exportAll('keyless', everyExporter, driftline)).toHaveLength(everyExporter.length);
    const garbage = await sendLikeACollector([Buffer.from('ffffffffff0102', 'hex')], {
      endpoint: () => driftline.otlpHttp,
      key,
      sleep,
    });
    expect(garbage).toMatchObject({ accepted: 0, dropped: [400] });
    const after = await refusals(driftline, key);
    expect(more('too_many_items', before, after)).toBe(spans.length);
    expect(more('unauthorized', before, after)).toBe(everyExporter.length);
  });
});
