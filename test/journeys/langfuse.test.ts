import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TraceDetail } from '#contract/trace.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { featureFigures } from '../support/measures.ts';
import { runApp } from '../support/run-app.ts';

const key = 'sk-lf-0123456789abcdef';
let driftline: Driftline;
beforeAll(async () => {
  driftline = await startDriftline({ DRIFTLINE_INGEST_KEY: key });
});
afterAll(() => driftline.stop());

interface Printed {
  traceId: string;
  spanId: string;
  projects: { data: { id: string }[] };
  health: { status: string };
}

test('an application of Langfuse switches by its base URL and keys', async () => {
  const feature = 'greeting';
  const { traceId, spanId, projects, health } = await runApp<Printed>('langfuse.js', {
    LANGFUSE_BASE_URL: driftline.otlpHttp,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-anything',
    LANGFUSE_SECRET_KEY: key,
    APP_FEATURE: feature,
  });
  expect(projects.data).toMatchObject([{ id: 'default' }]);
  expect(health.status).toBe('OK');

  const asked = ['calls', 'score:helpfulness', 'score:review', 'score:grounded', 'score:tone'];
  const figures = await eventually(
    () => featureFigures(driftline, feature, asked),
    seen => seen?.['score:review'] === 0.9 && seen['score:grounded'] === 1 && seen['score:helpfulness'] === 0,
    20,
  );
  expect(figures).toMatchObject({ calls: 1, 'score:tone': null });

  const trace = await driftline.get<TraceDetail>(`/api/v1/traces/${traceId}`);
  expect(trace.calls).toMatchObject([{ span_id: spanId, user: 'u-1', session: 's-1', input_tokens: 12 }]);
  const scores = trace.scores.map(({ name, value, label, target, span_id }) => ({
    name,
    value,
    label,
    target,
    span_id,
  }));
  expect(scores).toHaveLength(4);
  expect(scores).toEqual(
    expect.arrayContaining([
      { name: 'helpfulness', value: 0, label: '', target: 'span', span_id: spanId },
      { name: 'review', value: 0.9, label: '', target: 'span', span_id: spanId },
      { name: 'tone', value: null, label: 'friendly', target: 'trace', span_id: '' },
      { name: 'grounded', value: 1, label: 'true', target: 'trace', span_id: '' },
    ]),
  );
  expect(trace.scores.find(({ name }) => name === 'helpfulness')!.explanation).toBe('did not help');
});

test('a wrong secret key is refused', async () => {
  const answer = await fetch(`${driftline.otlpHttp}/api/public/projects`, {
    headers: { authorization: `Basic ${Buffer.from('pk-lf-anything:sk-lf-wrong').toString('base64')}` },
  });
  expect(answer.status).toBe(401);
});
