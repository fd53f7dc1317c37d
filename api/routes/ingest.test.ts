import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import { ingest, ingestFindings } from '#contract/ingest.ts';
import { openClickHouse } from '#store/engine/client.ts';
import { type IngestReport, writeIngestStatus } from '#store/state/ingest-status.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { ingestSourceRow, rejectRow, unmappedRow } from '../../test/support/ingest-rows.ts';
import { callRow } from '../../test/support/rows.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const report: IngestReport = {
  duplicates: 7,
  truncated: 1,
  refusedRequests: 2,
  quarantined: 0,
  unreadSince: '2026-11-20T11:58:20.000Z',
  unread: 2,
  walBytes: 1000,
  walLimitBytes: 5000,
  check: { verdict: 'ok', checked_at: '2026-11-20T11:59:30.000Z', checked: 400, missing: 0 },
  problems: [],
  stopped: false,
};
const status = {
  collector_id: 'one',
  at: new Date(nowMs - 1000).toISOString(),
  acked: 500,
  stored: 497,
  waiting: 3,
  rejected: { invalid_span_id: 4, malformed_body: 2 },
  last_received_at: '2026-11-20T11:59:00.000Z',
  report,
};

let engine: TestEngine;
let api: TestApi;
beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const at = '2026-11-20T11:00:00Z';
  await engine.clickhouse.insert('ingest_sources', [
    ingestSourceRow({ at, acked: 20, stored: 17, duplicates: 2, rejected: 4 }),
    ingestSourceRow({ at: '2026-11-20T11:30:00Z', acked: 5, service: 'jobs', delay_ms_sum: 1000 }),
  ]);
  await engine.clickhouse.insert('rejects', [
    rejectRow({ at, reason: 'invalid_span_id', count: 4, service: 'app', sample: '{"name":"chat"}' }),
    rejectRow({ at: '2026-11-20T11:50:00Z', reason: 'malformed_body', count: 2 }),
    rejectRow({ at: '2026-11-20T11:10:00Z', reason: 'made_up_later', count: 1 }),
  ]);
  const cached = { cache_read_tokens: 90, input_tokens: 130, flags: ['cache_added_to_input'] };
  await engine.clickhouse.insert('calls', [
    callRow({ at, span_id: '1', provider: 'anthropic', ...cached }),
    callRow({ at, span_id: '2', flags: ['total_tokens_only'] }),
  ]);
  await engine.clickhouse.insert('unmapped_attributes', [
    unmappedRow({ at, key: 'app.tier', n: 9 }),
    unmappedRow({ at, key: 'gen_ai.usage.renamed_tokens', n: 2, example: '12' }),
  ]);
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});
afterEach(() => api.state.deleteFrom('ingest_status').execute());

async function ask(of: TestApi, query = ''): Promise<ReplyOf<typeof ingest>> {
  const { status: code, body } = await of.ask('GET', `${ingest.path}${query}`);
  expect(code, JSON.stringify(body)).toBe(200);
  return ingest.reply.parse(body);
}

test('what each sender sent and what became of it', async () => {
  await writeIngestStatus(api.state, status);
  const reply = await ask(api);
  expect(reply).toMatchObject({
    store_answers: true,
    totals: {
      received: 29,
      acked: 25,
      stored: 22,
      rejected: 4,
      duplicates: 2,
      refused_requests: 2,
      waiting: 3,
      unread_since: '2026-11-20T11:58:20.000Z',
      quarantined: 0,
      wal_bytes: 1000,
      wal_limit_bytes: 5000,
      last_received_at: '2026-11-20T11:59:00.000Z',
    },
    check: report.check,
    problems: [],
    interval_s: 900,
  });
  expect(reply.sources).toMatchObject([
    { service: 'app', waiting: 3, delay_mean_ms: 100 },
    { service: 'jobs', waiting: 0, delay_mean_ms: 200 },
  ]);
  expect(reply.series.map(({ time, acked, rejected }) => [time.slice(11, 16), acked, rejected])).toEqual([
    ['11:00', 20, 4],
    ['11:30', 5, 0],
    ['11:45', 0, 2],
  ]);
  expect(reply.rejects.map(({ reason, counted, count }) => [reason, counted, count])).toEqual([
    ['malformed_body', 'requests', 2],
    ['made_up_later', 'items', 1],
    ['invalid_span_id', 'items', 4],
  ]);
  expect(reply.rejects[2]).toMatchObject({
    sample: '{"name":"chat"}',
    meaning: expect.stringContaining('16 hex'),
  });
});

test('what no collector has reported is unknown and not zero', async () => {
  expect(await ask(api)).toMatchObject({
    totals: {
      acked: 25,
      waiting: null,
      unread_since: null,
      quarantined: null,
      wal_bytes: null,
      wal_limit_bytes: null,
    },
    check: { verdict: 'unknown', checked_at: null },
  });
  await writeIngestStatus(api.state, { ...status, report: null });
  expect(await ask(api, '?from=now-1h')).toMatchObject({
    totals: { waiting: 3, quarantined: null, wal_bytes: null },
    check: { verdict: 'unknown' },
  });
});

test('of several collectors the worst verdict holds, and the sums are of all', async () => {
  await writeIngestStatus(api.state, status);
  const check = {
    verdict: 'missing',
    checked_at: '2026-11-20T11:58:00.000Z',
    checked: 100,
    missing: 2,
  } as const;
  await writeIngestStatus(api.state, { ...status, collector_id: 'two', report: { ...report, check } });
  expect(await ask(api)).toMatchObject({
    totals: { waiting: 6, wal_bytes: 2000, wal_limit_bytes: 10_000 },
    check: { verdict: 'missing', checked_at: '2026-11-20T11:59:30.000Z', checked: 500, missing: 2 },
  });
});

test('problems are told, critical ones first, and a collector that fell silent with data is one', async () => {
  const since = '2026-11-20T11:00:00.000Z';
  const problem = {
    id: 'wal',
    severity: 'warning',
    title: 'The log is 80 % full',
    detail: '',
    since,
  } as const;
  await writeIngestStatus(api.state, { ...status, report: { ...report, problems: [problem] } });
  const threeMinutesAgo = new Date(nowMs - 180_000).toISOString();
  const silent = { ...status, at: threeMinutesAgo, collector_id: 'two' };
  await writeIngestStatus(api.state, silent);
  await writeIngestStatus(api.state, {
    ...silent,
    collector_id: 'stopped',
    report: { ...report, stopped: true },
  });
  await writeIngestStatus(api.state, {
    ...status,
    waiting: 0,
    collector_id: 'gone',
    report: { ...report, stopped: true, problems: [problem] },
  });
  await writeIngestStatus(api.state, { ...silent, collector_id: 'idle', waiting: 0 });
  const { problems } = await ask(api);
  expect(problems).toMatchObject([
    {
      id: 'two/silent',
      severity: 'critical',
      since: threeMinutesAgo,
      title: expect.stringContaining('3 ack'),
    },
    { ...problem, id: 'one/wal' },
  ]);
  // The banner of every page shows them too.
  const { body } = await api.ask('GET', '/api/v1/health');
  expect(body.problems).toContain('The log is 80 % full.');
});

test('when the store is away there is still an answer, from what the collectors count', async () => {
  const nobody = openClickHouse({ url: 'http://127.0.0.1:1', user: 'x', password: 'x' });
  const cutOff = await startTestApi({ clickhouse: nobody }, { now: () => nowMs });
  try {
    await writeIngestStatus(cutOff.state, status);
    expect(await ask(cutOff)).toMatchObject({
      store_answers: false,
      totals: { acked: 500, stored: 497, waiting: 3, rejected: 4, refused_requests: 2, duplicates: 7 },
      problems: [{ id: 'store-away', severity: 'critical' }],
      series: [],
      sources: [],
      rejects: [],
    });
  } finally {
    await cutOff.stop();
    await nobody.close();
  }
});

describe('findings', () => {
  test('how tokens were counted, and attributes nobody reads, suspicious ones first', async () => {
    const { body } = await api.ask('GET', ingestFindings.path);
    const { tokens, unmapped } = ingestFindings.reply.parse(body);
    expect(tokens).toMatchObject([
      { provider: 'anthropic', rule: 'cache_added', calls: 1, cached_calls: 1, contradictions: [] },
      {
        provider: 'openai',
        rule: 'no_cache_seen',
        contradictions: [{ flag: 'total_tokens_only', calls: 1, span_id: '2' }],
      },
    ]);
    expect(unmapped).toMatchObject([
      { key: 'gen_ai.usage.renamed_tokens', suspicious: true, share: 0.2, spans: 2, example: '12' },
      { key: 'app.tier', suspicious: false, share: 0.9 },
    ]);
  });

  test('a range that is none is refused', async () => {
    expect(await api.ask('GET', `${ingestFindings.path}?from=now&to=now-1h`)).toMatchObject({ status: 400 });
  });
});
