import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findSpans } from '#store/queries/find-spans.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { aSpan, someFacts } from '../../test/support/telemetry.ts';
import { AttributeLimit } from '../settle/attribute-names.ts';
import type { Batch } from '../settle/described.ts';
import { encodeRows, insertRows } from '../settle/insert.ts';
import type { Resource, Span } from '../telemetry.ts';
import { type Accounting, openAccounting } from './accounting.ts';

const minuteMs = 60_000;
/** Half past an hour, so that no test runs into the next. */
const startMs = Math.floor(Date.now() / (60 * minuteMs)) * 60 * minuteMs - 30 * minuteMs;
let engine: TestEngine;
let dataDir: string;
let nowMs: number;
let nextId = 1;
let project = 0;
/** Of the running test: tables are shared. */
let projectId: string;
const problemsLogged: object[] = [];

beforeAll(async () => {
  engine = await startTestEngine();
});
beforeEach(() => {
  nowMs = startMs;
  projectId = `p${project++}`;
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-accounting-'));
  mkdirSync(join(dataDir, 'wal'));
  problemsLogged.length = 0;
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
afterAll(() => engine.stop());

const idle = { acked: 0, stored: 0, waiting: 0, readUntilMs: Number.POSITIVE_INFINITY, walBytes: 0 };

function openNew(
  over: { clickhouse?: TestEngine['clickhouse']; captureContent?: boolean } = {},
): Promise<Accounting> {
  return openAccounting({
    collectorId: projectId,
    dataDir,
    clickhouse: over.clickhouse ?? engine.clickhouse,
    log: { info() {}, warn() {}, error: fields => problemsLogged.push(fields) },
    now: () => nowMs,
    retentionDays: 90,
    walLimitBytes: 1e9,
    readingFor: () => ({
      captureContent: over.captureContent ?? true,
      mapping: {
        feature: [{ from: 'attribute', key: 'my.feature' }],
        tenant: [],
        team: [],
        user: [],
        session: [],
        prompt_name: [],
        prompt_version: [],
        variant: [],
        purpose: [],
        outcome: [],
      },
    }),
  });
}

function resourceOf(service: string): Resource {
  const attributes = {
    'service.name': service,
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': '2.2.0',
  };
  return { attributes, service, environment: '', release: '' };
}

/** A request of one service, whose spans ended two seconds before they came. */
function batchOf(spans: number, over: Partial<Span> = {}, service = 'bot'): Batch {
  const resource = resourceOf(service);
  const scope = { name: 'acme', version: '1.0.0' };
  const endNs = BigInt(nowMs - 2000) * 1_000_000n;
  const described = Array.from({ length: spans }, () => {
    const ids = {
      traceId: (nextId++).toString(16).padStart(32, 'a'),
      spanId: (nextId++).toString(16).padStart(16, 'b'),
    };
    const span = aSpan({ projectId, ...ids, startNs: endNs - 1_000_000n, endNs, resource, scope, ...over });
    const facts = someFacts({ ...ids, startNs: span.startNs, endNs: span.endNs, service });
    return { span, facts, rederivable: true, content: null, scores: [], outcomes: [] };
  });
  return { projectId, spans: described, logs: [], points: [] };
}

async function store(batch: Batch): Promise<void> {
  const { unsent, free } = await encodeRows([{ batch, receivedAtMs: nowMs }], new AttributeLimit(100));
  await insertRows(engine.clickhouse, unsent);
  free();
}

function sources(): Promise<Record<string, unknown>[]> {
  return engine.clickhouse.query(
    `SELECT service, signal, sum(received) AS received, sum(acked) AS acked, sum(stored) AS stored,
       sum(rejected) AS rejected, sum(duplicates) AS duplicates, sum(truncated) AS truncated
     FROM ingest_sources FINAL WHERE project_id = {projectId:String} GROUP BY service, signal ORDER BY service, signal`,
    { projectId },
  );
}

describe('accounts of sources', () => {
  test('who sent what, what became of it, and how late it came', async () => {
    const accounting = await openNew();
    const batch = batchOf(3);
    accounting.read(batch, nowMs);
    accounting.read(batch, nowMs + 1000);
    accounting.read(batchOf(2, { flags: ['truncated'] }), nowMs + 2000);
    const rejected = [{ reason: 'too_old', count: 4, sample: '', service: 'bot' }];
    accounting.rejected('traces', projectId, rejected, nowMs);
    await accounting.tick(() => idle);
    accounting.stored(batch, nowMs);
    accounting.stored(batch, nowMs + 1000);
    nowMs += 5000;
    await accounting.tick(() => idle);
    const rows = await engine.clickhouse.query(
      'SELECT * EXCEPT (collector_id, version) FROM ingest_sources FINAL WHERE project_id = {projectId:String} ORDER BY acked',
      { projectId },
    );
    const at = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, -1);
    const who = { project_id: projectId, minute: at(startMs).slice(0, 19), signal: 'traces', service: 'bot' };
    const what = {
      sdk: 'opentelemetry nodejs',
      sdk_version: '2.2.0',
      scope_name: 'acme',
      scope_version: '1.0.0',
      dialect: 'gen_ai',
    };
    expect(rows).toMatchObject([
      { ...who, scope_name: '', received: '4', acked: '0', stored: '0', rejected: '4' },
      {
        ...who,
        ...what,
        received: '8',
        acked: '8',
        stored: '6',
        rejected: '0',
        duplicates: '3',
        truncated: '2',
        delay_ms_sum: 3 * 2000 + 3 * 3000 + 2 * 4000,
        delay_ms_max: 4000,
        last_seen: at(startMs + 2000),
      },
    ]);
    expect(accounting.report()).toMatchObject({ duplicates: 3, truncated: 2, walLimitBytes: 1e9 });
  });

  test('what is stored later counts in the minute it was received, also what is read later', async () => {
    const accounting = await openNew();
    const [one, other] = [batchOf(3), batchOf(4)];
    accounting.read(one, nowMs);
    accounting.read(other, nowMs);
    accounting.stored(one, startMs);
    accounting.stored(other, startMs);
    nowMs += 5 * minuteMs;
    // There is more of that minute in the log.
    await accounting.tick(() => ({ ...idle, readUntilMs: startMs }));
    const late = batchOf(2);
    accounting.read(late, startMs);
    accounting.stored(late, startMs);
    await accounting.tick(() => idle);
    nowMs += 1000;
    await accounting.tick(() => idle);
    // Over and done: what still comes for it counts now.
    accounting.stored(batchOf(1), startMs);
    await accounting.tick(() => idle);
    const rows = await engine.clickhouse.query(
      'SELECT toUnixTimestamp(minute) AS minute, acked, stored FROM ingest_sources FINAL WHERE project_id = {projectId:String} ORDER BY minute',
      { projectId },
    );
    expect(rows).toEqual([
      { minute: startMs / 1000, acked: '9', stored: '9' },
      { minute: startMs / 1000 + 300, acked: '0', stored: '1' },
    ]);
  });

  test('a killed process leaves no gap: what it had not written down is counted from its log', async () => {
    const killed = await openNew();
    const written = batchOf(5);
    killed.read(written, nowMs);
    await killed.tick(() => idle);
    nowMs += 3000;
    const unwritten = batchOf(2);
    killed.read(unwritten, nowMs);
    const receivedAtMs = nowMs;
    nowMs += 10_000;
    const next = await openNew();
    const replayed: [Batch, number][] = [
      [{ ...written }, startMs],
      [{ ...unwritten }, receivedAtMs],
    ];
    for (const [batch, at] of replayed) next.read(batch, at);
    await next.tick(() => ({ ...idle, waiting: 7 }));
    expect(await sources()).toMatchObject([{ acked: '7', stored: '0' }]);
    for (const [batch, at] of replayed) next.stored(batch, at);
    await next.tick(() => idle);
    expect(await sources()).toMatchObject([{ acked: '7', stored: '7' }]);
  });

  test('a killed process that was behind: what it had not read is counted by the next one, what it had is not again', async () => {
    const killed = await openNew();
    killed.read(batchOf(5), nowMs);
    const readAtMs = nowMs;
    const unreadAtMs = nowMs + 2000;
    nowMs += 3000;
    await killed.tick(() => ({ ...idle, readUntilMs: unreadAtMs - 1 }));
    for (let start = 0; start < 2; start++) {
      // The second is killed before it has read what the first had counted.
      nowMs += 10_000;
      const next = await openNew();
      if (start === 0) {
        await next.tick(() => ({ ...idle, readUntilMs: readAtMs }));
        continue;
      }
      next.read(batchOf(5), readAtMs);
      next.read(batchOf(4), unreadAtMs);
      await next.tick(() => idle);
    }
    expect(await sources()).toMatchObject([{ acked: '9' }]);
  });

  test('a sender that invents names cannot fill the table', async () => {
    const accounting = await openNew();
    for (let i = 0; i < 700; i++) accounting.read(batchOf(1, {}, `service-${i}`), nowMs);
    await accounting.tick(() => idle);
    const rows = await sources();
    expect(rows).toHaveLength(501);
    expect(rows[0]).toMatchObject({ service: '(other)', acked: '200' });
  });

  test('while the store is away nothing is forgotten', async () => {
    const query = engine.clickhouse;
    let isAway = true;
    const insert: typeof query.insert = async (...given) => {
      if (isAway) throw new Error('away');
      return query.insert(...given);
    };
    const accounting = await openNew({ clickhouse: { ...query, insert } });
    accounting.read(batchOf(2), nowMs);
    await accounting.tick(() => idle);
    nowMs += minuteMs;
    accounting.read(batchOf(3), nowMs);
    await accounting.tick(() => idle);
    isAway = false;
    await accounting.stop(() => idle);
    expect(await sources()).toMatchObject([{ acked: '5' }]);
    expect(accounting.report().stopped).toBe(true);
  });
});

describe('acknowledged is stored', () => {
  const verdicts = async (accounting: Accounting, afterMs: number) => {
    nowMs += afterMs;
    await accounting.tick(() => idle);
    return accounting.report().check;
  };

  test('what is there is found; what is not is missed after a second look, and is a problem', async () => {
    const accounting = await openNew();
    const [there, lost] = [batchOf(2), batchOf(2)];
    await store(there);
    for (const batch of [there, lost]) {
      accounting.read(batch, nowMs);
      accounting.stored(batch, nowMs);
    }
    expect(await verdicts(accounting, 29_000)).toMatchObject({ verdict: 'unknown', checked: 0 });
    expect(await verdicts(accounting, 1000)).toMatchObject({ verdict: 'ok', checked: 2, missing: 0 });
    const checked_at = new Date(nowMs + 60_000).toISOString();
    expect(await verdicts(accounting, 60_000)).toEqual({
      verdict: 'missing',
      checked_at,
      checked: 4,
      missing: 2,
    });
    expect(accounting.report().problems).toMatchObject([{ id: 'spans-missing', severity: 'critical' }]);
    expect(JSON.stringify(problemsLogged)).toContain(lost.spans[0]!.span.spanId);
    expect(await verdicts(accounting, 61 * minuteMs)).toMatchObject({ verdict: 'ok', missing: 2 });
    expect(accounting.report().problems).toEqual([]);
  });

  test('what comes into view between the looks is there', async () => {
    const accounting = await openNew();
    const batch = batchOf(3);
    accounting.read(batch, nowMs);
    accounting.stored(batch, nowMs);
    await verdicts(accounting, 30_000);
    await store(batch);
    expect(await verdicts(accounting, 60_000)).toMatchObject({ verdict: 'ok', checked: 3, missing: 0 });
  });

  test('what may have been deleted is not missed: the demo, spans near the end of retention, quarantine', async () => {
    const accounting = await openNew();
    const old = BigInt(nowMs - 80 * 86_400_000) * 1_000_000n;
    const bad = batchOf(1);
    for (const batch of [batchOf(2, {}, 'demo-chat'), batchOf(1, { startNs: old, endNs: old }), bad]) {
      accounting.read(batch, nowMs);
      accounting.stored(batch, nowMs);
    }
    accounting.quarantined(1, [bad.spans[0]!.span]);
    await verdicts(accounting, 30_000);
    expect(await verdicts(accounting, 60_000)).toMatchObject({ verdict: 'unknown', checked: 0, missing: 0 });
    expect(accounting.report().problems).toMatchObject([{ id: 'quarantined' }]);
  });

  test('what waits for long is said to; after a restart it is looked for like the rest', async () => {
    const killed = await openNew();
    const batch = batchOf(2);
    killed.read(batch, nowMs);
    nowMs += 2 * minuteMs;
    await killed.tick(() => ({ ...idle, waiting: 2, walBytes: 1 }));
    expect(killed.report()).toMatchObject({
      check: { verdict: 'unknown' },
      problems: [{ id: 'store-behind' }],
    });
    nowMs += 9 * minuteMs;
    await killed.tick(() => ({ ...idle, waiting: 2, walBytes: 1 }));
    expect(killed.report().check.verdict).toBe('waiting');

    const next = await openNew();
    const again = { ...batch };
    next.read(again, startMs);
    await next.tick(() => idle);
    expect(next.report().problems).toEqual([]);
    await store(again);
    next.stored(again, startMs);
    nowMs += 30_000;
    await next.tick(() => idle);
    expect(next.report().check).toMatchObject({ verdict: 'ok', checked: 2 });
  });

  test('at most a span a second or so is looked for', async () => {
    const accounting = await openNew();
    for (let i = 0; i < 600; i++) {
      const batch = batchOf(5);
      accounting.read(batch, nowMs);
      accounting.stored(batch, nowMs);
      nowMs += 100;
    }
    await accounting.tick(() => idle);
    await verdicts(accounting, 30_000);
    const { checked, missing } = await verdicts(accounting, 60_000);
    expect(checked).toBe(missing);
    expect(checked).toBeGreaterThan(40);
    expect(checked).toBeLessThanOrEqual(80);
  });

  test('a span is found by its key, in whatever hour and day', async () => {
    const hour = 3_600_000_000_000n;
    const at = (hours: bigint) => ({
      startNs: BigInt(startMs) * 1_000_000n - hours * hour,
      endNs: BigInt(startMs) * 1_000_000n,
    });
    const stored = [batchOf(2, at(0n)), batchOf(1, at(1n)), batchOf(1, at(30n))];
    for (const batch of stored) await store(batch);
    const spans = stored.flatMap(batch => batch.spans.map(({ span }) => span));
    const other = { ...spans[0]!, spanId: 'f'.repeat(16) };
    const moved = { ...spans[1]!, startNs: spans[1]!.startNs - hour };
    const foreign = { ...spans[2]!, projectId: 'nobody' };
    expect(await findSpans(engine.clickhouse, [...spans, other, foreign])).toEqual(new Set(spans));
    expect(await findSpans(engine.clickhouse, [moved])).toEqual(new Set());
  });
});

describe('attributes nobody reads', () => {
  const rows = () =>
    engine.clickhouse.query(
      `SELECT key, n, sampled, example, scope_name, dialect FROM unmapped_attributes FINAL
       WHERE project_id = {projectId:String} ORDER BY key`,
      { projectId },
    );

  test('are counted in a sample, with an example; what is read, configured or content is not among them', async () => {
    const accounting = await openNew();
    const attributes = {
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input.tokens': '12',
      'my.feature': 'chat',
      'http.route': '/chat',
      'app.note': 'has words',
    };
    accounting.read(batchOf(122, { attributes }), nowMs);
    await accounting.stop(() => idle);
    const scope = { scope_name: 'acme', dialect: 'gen_ai' };
    expect(await rows()).toEqual([
      { key: 'app.note', n: '2', sampled: '2', example: 'has words', ...scope },
      { key: 'gen_ai.usage.input.tokens', n: '2', sampled: '2', example: '12', ...scope },
    ]);
  });

  test('the first span of a minute is always looked at, and prose is not kept where content is not', async () => {
    const accounting = await openNew({ captureContent: false });
    accounting.read(batchOf(1), nowMs);
    nowMs += minuteMs;
    accounting.read(
      batchOf(1, { attributes: { 'llm.new_prompt': 'my secret words', 'llm.new_id': 'a-1' } }),
      nowMs,
    );
    await accounting.stop(() => idle);
    expect(await rows()).toMatchObject([
      { key: 'llm.new_id', n: '1', sampled: '2', example: 'a-1' },
      { key: 'llm.new_prompt', n: '1', sampled: '2', example: '(15 characters)' },
    ]);
  });
});
