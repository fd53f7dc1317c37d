import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { resources } from '@opentelemetry/sdk-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCollector } from '#collector/run.ts';
import type { Collector } from '#collector/start.ts';
import type { Endpoint } from '#contract/endpoint.ts';
import { otlpMetricSeries, otlpMetrics } from '#contract/otlp-metric.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { CapturedBody } from '../support/captures.ts';
import { eventually } from '../support/driftline.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { asJson, send } from '../support/otlp-requests.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'driftline-metrics-'));
let engine: TestEngine;
let api: TestApi;
let collector: Collector;

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine);
  collector = await runCollector({
    dataDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    storing: { clickhouse: engine.clickhouse },
    state: api.state,
    privacy: { captureContent: 'off', isLoopback: true },
    log: { info() {}, warn() {}, error() {} },
    settings: { flushMs: 10 },
  });
});
afterAll(async () => {
  await collector?.stop();
  await api?.stop();
  await engine?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function ask<E extends Endpoint>(endpoint: E, query: Record<string, string>) {
  const { status, body } = await api.ask('GET', `${endpoint.path}?${new URLSearchParams(query)}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return endpoint.reply.parse(body) as ReturnType<E['reply']['parse']>;
}

/** What the official SDK exports while `run` records, as it would be sent. */
async function exportsOf(
  temporalityPreference: AggregationTemporality | undefined,
  run: (start: () => Promise<Process>) => Promise<void>,
): Promise<CapturedBody[]> {
  const bodies: CapturedBody[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push({ file: 'export', signal: 'metrics', encoding: 'protobuf', body: Buffer.concat(chunks) });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`;
  await run(async () => startProcess(new OTLPMetricExporter({ url, temporalityPreference })));
  await new Promise(resolve => server.close(resolve));
  return bodies;
}

type Process = ReturnType<typeof startProcess>;

function startProcess(exporter: OTLPMetricExporter) {
  const provider = new MeterProvider({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes({ 'service.name': 'shop' })),
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
    views: [
      { instrumentName: '*.exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
      {
        instrumentName: '*.explicit',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [10, 20] } },
      },
    ],
  });
  const meter = provider.getMeter('test');
  return {
    tokens: meter.createCounter('tokens', { unit: '{token}' }),
    active: meter.createUpDownCounter('active'),
    explicit: meter.createHistogram('duration.explicit', { unit: 's' }),
    exponential: meter.createHistogram('duration.exponential', { unit: 's' }),
    async flush() {
      await provider.forceFlush();
      // Two exports in one millisecond would be one point: the SDK's times are no finer.
      await sleep(5);
    },
    exit: () => provider.shutdown(),
  };
}

/** Two exports, an exit with a third, and the same application again. */
async function aDay(start: () => Promise<Process>): Promise<void> {
  const first = await start();
  first.tokens.add(10, { model: 'a' });
  first.tokens.add(5, { model: 'b' });
  first.active.add(3);
  for (let n = 0; n < 6; n += 1) first.explicit.record(12);
  for (let n = 0; n < 10; n += 1) first.exponential.record(100);
  first.exponential.record(0);
  await first.flush();
  first.tokens.add(7, { model: 'a' });
  first.active.add(-2);
  for (let n = 0; n < 4; n += 1) first.explicit.record(18);
  for (let n = 0; n < 9; n += 1) first.exponential.record(20_000);
  await first.flush();
  await first.exit();
  const second = await start();
  second.tokens.add(4, { model: 'a' });
  second.exponential.record(0.001);
  await second.flush();
  await second.exit();
}

async function sendAll(bodies: readonly CapturedBody[]): Promise<void> {
  for (const body of bodies) await send(collector.httpUrl, body);
  await eventually(
    async () => collector.status(),
    ({ waiting }) => waiting === 0,
  );
}

/** The same export of a service with another name, as JSON. */
function renamed(captured: CapturedBody, service: string): CapturedBody {
  const text = JSON.stringify(asJson(captured)).replaceAll(
    '"stringValue":"shop"',
    `"stringValue":"${service}"`,
  );
  return { ...captured, encoding: 'json', body: Buffer.from(text) };
}

const today = () => Math.floor(Date.now() / 86_400_000);
const from = new Date((today() - 1) * 86_400_000).toISOString();

/** One point for the whole day, so that nothing depends on the minute in which the test runs. */
async function dayOf(name: string, service: string, more: Record<string, string> = {}) {
  const reply = await ask(otlpMetricSeries, { name, service, interval: 'day', from, ...more });
  const totals = reply.series.map(({ group, points }) => {
    const sum = (figures: (number | null)[]) => figures.reduce<number>((all, one) => all + (one ?? 0), 0);
    const last = points.findLast(({ count, value }) => (count ?? value) !== null);
    return {
      group,
      value: sum(points.map(({ value }) => value)),
      count: sum(points.map(({ count }) => count)),
      p50: last?.p50 ?? null,
      p95: last?.p95 ?? null,
    };
  });
  return { ...reply, totals };
}

describe.each([
  ['cumulative, as the SDK does when nobody asks for anything else', undefined],
  ['delta', AggregationTemporality.DELTA],
] as const)('exports of the official SDK, %s', (_, temporality) => {
  const service = temporality === undefined ? 'shop' : 'shop-delta';
  let bodies: CapturedBody[];

  beforeAll(async () => {
    let day = today();
    let sent = await exportsOf(temporality, aDay);
    // Exports on both sides of a midnight are two points: then once more.
    if (today() !== day) {
      day = today();
      sent = await exportsOf(temporality, aDay);
      expect(today()).toBe(day);
    }
    bodies = temporality === undefined ? sent : sent.map(body => renamed(body, service));
    await sendAll(bodies);
  });

  test('of a counter add up to what was counted, over a restart, by attribute', async () => {
    expect(bodies.length).toBeGreaterThanOrEqual(4);
    const { totals, ...metric } = await dayOf('tokens', service, { group_by: 'model' });
    expect(metric).toMatchObject({ unit: '{token}', kind: 'sum', monotonic: true, interval_s: 86_400 });
    const byModel = Object.fromEntries(totals.map(({ group, value }) => [group, value]));
    expect(byModel).toEqual({ a: 10 + 7 + 4, b: 5 });
  });

  test('of a counter that goes up and down give the change', async () => {
    const { totals, monotonic } = await dayOf('active', service);
    expect(monotonic).toBe(false);
    expect(totals).toMatchObject([{ value: 1 }]);
  });

  test('of a histogram give count, sum and quantiles', async () => {
    const { totals, kind, unit } = await dayOf('duration.explicit', service);
    expect({ kind, unit }).toEqual({ kind: 'histogram', unit: 's' });
    // All ten in (10, 20].
    expect(totals).toEqual([{ group: '', value: 6 * 12 + 4 * 18, count: 10, p50: 15, p95: 19.5 }]);
  });

  test('of an exponential histogram too, as exactly as its buckets', async () => {
    const { totals, kind } = await dayOf('duration.exponential', service);
    expect(kind).toBe('exponential_histogram');
    const [{ value, count, p50, p95 } = { value: 0, count: 0, p50: null, p95: null }] = totals;
    expect(value).toBeCloseTo(10 * 100 + 9 * 20_000 + 0.001, 6);
    // Of 21 the eleventh is a 100, the twentieth a 20,000; between 100 and 20,000 160 buckets are 3.4 % wide.
    expect(count).toBe(21);
    expect(p50! / 100).toBeGreaterThan(0.95);
    expect(p50! / 100).toBeLessThan(1.05);
    expect(p95! / 20_000).toBeGreaterThan(0.95);
    expect(p95! / 20_000).toBeLessThan(1.05);
  });

  test('sent late, twice and in any order give the same', async () => {
    const other = `${service}-mixed`;
    const again = bodies.map(body =>
      temporality === undefined
        ? renamed(body, other)
        : { ...body, body: Buffer.from(body.body.toString().replaceAll('"shop-delta"', `"${other}"`)) },
    );
    await sendAll([...again.slice(2), ...again.slice(2).reverse()]);
    await sendAll([...again.slice(0, 2).reverse(), ...again]);
    for (const name of ['tokens', 'active', 'duration.explicit', 'duration.exponential'])
      expect(await dayOf(name, other)).toEqual(await dayOf(name, service));
  });
});

test('the list names them with who sends them; nothing of it is a call', async () => {
  const { metrics } = await ask(otlpMetrics, {});
  const tokens = metrics.find(({ name }) => name === 'tokens');
  const services = ['shop', 'shop-delta', 'shop-delta-mixed', 'shop-mixed'];
  expect(tokens).toMatchObject({ unit: '{token}', kind: 'sum', services, without_spans: services });
  expect(tokens?.attributes).toEqual(['model']);
  const [stored] = await engine.clickhouse.query(
    'SELECT (SELECT count() FROM calls) AS calls, (SELECT count() FROM spans) AS spans',
  );
  expect(stored).toEqual({ calls: '0', spans: '0' });
});

test('bad questions are refused with the reason', async () => {
  const refuse = async (query: string) => {
    const { status, body } = await api.ask('GET', `${otlpMetricSeries.path}?${query}`);
    return { status, detail: String(body.detail) };
  };
  expect(await refuse('name=tokens&interval=minute&from=now-7d')).toEqual({
    status: 400,
    detail: expect.stringContaining('10080 parts'),
  });
  expect(await refuse('name=tokens&interval=second')).toMatchObject({ status: 400 });
  expect(await refuse('name=')).toMatchObject({ status: 400 });
  expect(await refuse('name=tokens&from=now&to=now-1h')).toMatchObject({ status: 400 });
  expect(await refuse('name=nothing')).toEqual({
    status: 404,
    detail: 'No OTLP metric nothing was received.',
  });
});
