import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problem } from '#contract/endpoint.ts';
import { getMapping, putMapping, testMapping } from '#contract/mapping.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, spanRow } from '../../test/support/rows.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const trace = '1'.repeat(32);
const callSpan = 'a'.repeat(16);
const httpSpan = 'b'.repeat(16);
let engine: TestEngine;
let api: TestApi;

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const at = '2026-11-20T10:00:00Z';
  await engine.clickhouse.insert('spans', [
    spanRow({
      at,
      trace_id: trace,
      span_id: callSpan,
      parent_span_id: httpSpan,
      name: 'chat gpt-4o-mini',
      attributes: { 'gen_ai.request.model': 'gpt-4o-mini', 'shop.journey': 'checkout' },
      resource: { 'service.name': 'app', 'k8s.namespace.name': 'acme' },
      facts: JSON.stringify({ outcome: 'accepted' }),
    }),
    spanRow({ at, trace_id: trace, span_id: httpSpan, name: 'POST /', attributes: { 'shop.arm': 'B' } }),
    // Six calls of a busy service, newer than the other's.
    ...six.map(digit => spanRow({ at: busyAt, trace_id: digit.repeat(32), span_id: digit.repeat(16) })),
  ]);
  await engine.clickhouse.insert('calls', [
    callRow({ at, trace_id: trace, span_id: callSpan, feature: 'support', variant: 'A' }),
    ...six.map(digit =>
      callRow({ at: busyAt, trace_id: digit.repeat(32), span_id: digit.repeat(16), service: 'busy' }),
    ),
    // Told of by a log record only.
    callRow({ at: busyAt, trace_id: 'e'.repeat(32), span_id: 'e'.repeat(16), service: 'logs' }),
  ]);
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

const six = ['2', '3', '4', '5', '6', '7'];
const busyAt = '2026-11-20T11:59:00Z';

const tried = {
  feature: [
    { from: 'attribute', key: 'shop.missing' },
    { from: 'attribute', key: 'shop.journey' },
  ],
  tenant: [{ from: 'resource', key: 'k8s.namespace.name' }],
  session: [{ from: 'attribute', key: 'constructor' }],
};

async function tryOut(body: unknown) {
  const answer = await api.ask('POST', testMapping.path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return testMapping.reply.parse(answer.body).spans;
}

async function refuse(method: string, path: string, body: unknown) {
  const answer = await api.ask(method, path, body);
  return { status: answer.status, detail: problem.parse(answer.body).detail };
}

describe('what a mapping would find', () => {
  test('in recent spans of calls, of every service, newest first', async () => {
    const spans = await tryOut({ mapping: tried });
    expect(spans.map(span => span.service)).toEqual(['app', 'app', 'app', 'app', 'app', 'app']);
    expect(spans.slice(0, 5).every(span => six.includes(span.span_id[0]!))).toBe(true);
    expect(spans[5]).toMatchObject({
      trace_id: trace,
      span_id: callSpan,
      name: 'chat gpt-4o-mini',
      start: '2026-11-20T10:00:00.000Z',
      attributes: { 'shop.journey': 'checkout' },
      resource: { 'k8s.namespace.name': 'acme' },
    });
    expect(spans[5]?.fields).toEqual([
      { field: 'feature', configured: 'checkout', key: tried.feature[1], current: 'support' },
      { field: 'tenant', configured: 'acme', key: tried.tenant[0], current: null },
      { field: 'team', configured: null, key: null, current: null },
      { field: 'user', configured: null, key: null, current: null },
      { field: 'session', configured: null, key: null, current: null },
      { field: 'prompt_name', configured: null, key: null, current: null },
      { field: 'prompt_version', configured: null, key: null, current: null },
      { field: 'variant', configured: null, key: null, current: 'A' },
      { field: 'purpose', configured: null, key: null, current: null },
      { field: 'outcome', configured: null, key: null, current: 'accepted' },
    ]);
  });

  test('in the calls of a trace, or in any one span of it', async () => {
    const ids = (spans: { span_id: string }[]) => spans.map(span => span.span_id);
    expect(ids(await tryOut({ mapping: {}, trace_id: trace.toUpperCase() }))).toEqual([callSpan]);
    expect(await tryOut({ mapping: {}, trace_id: '9'.repeat(32) })).toEqual([]);
    const named = { mapping: { variant: [{ from: 'attribute', key: 'shop.arm' }] }, trace_id: trace };
    const [span, ...others] = await tryOut({ ...named, span_id: httpSpan });
    expect(others).toEqual([]);
    expect(span?.fields.find(({ field }) => field === 'variant')).toEqual({
      field: 'variant',
      configured: 'B',
      key: { from: 'attribute', key: 'shop.arm' },
      current: null,
    });
  });

  test('or why not', async () => {
    expect(await refuse('POST', testMapping.path, { mapping: {}, span_id: callSpan })).toEqual({
      status: 400,
      detail: 'span_id: name its trace_id too',
    });
    const missing = { mapping: {}, trace_id: trace, span_id: 'f'.repeat(16) };
    expect(await refuse('POST', testMapping.path, missing)).toMatchObject({
      status: 404,
      detail: expect.stringContaining('There is no span ffffffffffffffff'),
    });
  });
});

test('a mapping is kept, with when it was changed; what it does not name stays with the built-in rules', async () => {
  const before = getMapping.reply.parse((await api.ask('GET', getMapping.path)).body);
  expect(before).toMatchObject({ mapping: { feature: [], outcome: [] }, changed_at: null });
  const put = await api.ask('PUT', putMapping.path, {
    mapping: { user: [{ from: 'attribute', key: ' u ' }] },
  });
  const kept = {
    mapping: { ...before.mapping, user: [{ from: 'attribute', key: 'u' }] },
    changed_at: '2026-11-20T12:00:00.000Z',
  };
  expect(put).toEqual({ status: 200, body: kept });
  expect((await api.ask('GET', getMapping.path)).body).toEqual(kept);
});

test('bad mappings are refused, with the place that is wrong', async () => {
  const put = (mapping: unknown) => refuse('PUT', putMapping.path, { mapping });
  const key = { from: 'attribute', key: 'a' };
  expect(await put({ featur: [key] })).toEqual({
    status: 400,
    detail: expect.stringMatching(/mapping.*featur/),
  });
  expect(await put({ feature: [{ from: 'span', key: 'a' }] })).toEqual({
    status: 400,
    detail: expect.stringMatching(/^mapping\.feature\.0\.from: .*attribute.*resource/),
  });
  expect(await put({ feature: [key, { from: 'attribute', key: '  ' }] })).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^mapping\.feature\.1\.key: /),
  });
  expect(await put({ tenant: Array.from({ length: 21 }, () => key) })).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^mapping\.tenant: .*20/),
  });
  expect(await put('feature')).toMatchObject({ status: 400 });
  expect(await refuse('PUT', putMapping.path, {})).toMatchObject({ status: 400 });
});
