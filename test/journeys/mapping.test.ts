import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { Mapping, putMapping, testMapping } from '#contract/mapping.ts';
import type { TraceDetail } from '#contract/trace.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';

let driftline: Driftline;
beforeAll(async () => {
  driftline = await startDriftline();
});
afterAll(() => driftline.stop());

const keyValues = (words: Record<string, string>) =>
  Object.entries(words).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** A request handler's span with a model call below it, as a shop with words of its own would send them. */
async function sendTrace(traceId: string): Promise<void> {
  const startNs = BigInt(Date.now()) * 1_000_000n;
  const times = { startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 1_000_000n) };
  const outer = {
    ...times,
    traceId,
    spanId: 'a'.repeat(16),
    name: 'POST /answer',
    attributes: keyValues({ 'shop.journey': 'checkout', 'shop.arm': 'B' }),
  };
  const call = {
    ...times,
    traceId,
    spanId: 'b'.repeat(16),
    parentSpanId: outer.spanId,
    name: 'chat gpt-4o-mini',
    attributes: keyValues({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' }),
  };
  const resource = { attributes: keyValues({ 'service.name': 'shop', 'k8s.namespace.name': 'acme' }) };
  const response = await fetch(`${driftline.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [outer, call] }] }] }),
  });
  expect(response.status).toBe(200);
}

async function callOf(traceId: string) {
  const trace = await eventually(
    () => driftline.get<TraceDetail>(`/api/v1/traces/${traceId}`),
    detail => detail.calls.length === 1,
  );
  return trace.calls[0]!;
}

const mapping: Partial<Mapping> = {
  feature: [{ from: 'attribute', key: 'shop.journey' }],
  tenant: [{ from: 'resource', key: 'k8s.namespace.name' }],
  variant: [
    { from: 'attribute', key: 'shop.missing' },
    { from: 'attribute', key: 'shop.arm' },
  ],
};

test('a mapping is tried on a span that is there, saved, and holds for the spans that come then', async () => {
  const before = '1'.repeat(32);
  await sendTrace(before);
  expect(await callOf(before)).toMatchObject({ feature: '', tenant: '', variant: '' });

  const tried = await driftline.post<ReplyOf<typeof testMapping>>('/api/v1/mapping/test', { mapping });
  expect(tried.spans.map(({ span_id }) => span_id)).toEqual(['b'.repeat(16)]);
  const found = tried.spans[0]!.fields.filter(({ configured }) => configured !== null);
  // The feature is on the span above, so the call's own span does not show it.
  expect(found).toMatchObject([{ field: 'tenant', configured: 'acme', current: null }]);

  const saved = await fetch(`${driftline.url}/api/v1/mapping`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mapping }),
  });
  expect(saved.status).toBe(200);
  const kept = (await saved.json()) as ReplyOf<typeof putMapping>;
  expect(kept.mapping).toMatchObject(mapping);

  // The collector looks at the mapping every two seconds.
  let sent = 0;
  const mapped = await eventually(
    async () => {
      sent += 1;
      const traceId = String(sent).padStart(32, 'c');
      await sendTrace(traceId);
      return callOf(traceId);
    },
    call => call.tenant === 'acme',
  );
  expect(mapped).toMatchObject({ feature: 'checkout', tenant: 'acme', variant: 'B' });
  expect(await callOf(before)).toMatchObject({ feature: '', tenant: '', variant: '' });
});
