import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { walSegments } from '../support/ledger.ts';
import { send } from '../support/otlp-requests.ts';
import { seeded } from '../support/seeded.ts';

let engine: TestEngine;
let driftline: Driftline;
beforeAll(async () => {
  engine = await startTestEngine();
  // A rule of the store that our own checks before it cannot know of.
  await engine.clickhouse.command("ALTER TABLE spans ADD CONSTRAINT poison CHECK name != 'poison'");
  driftline = await startDriftline({
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_USER: engine.user,
    CLICKHOUSE_PASSWORD: engine.password,
  });
});
afterAll(async () => {
  await driftline?.stop();
  await engine?.stop();
});

test('poison rows', async () => {
  const random = seeded(20_261_121);
  const spans = Array.from({ length: 2_000 }, (_, index) => ({
    ...chatSpan(random.hex(16), random.hex(8), 'poison'),
    ...([0, 777, 1_234].includes(index) && { name: 'poison' }),
  }));
  for (let from = 0; from < spans.length; from += 500) {
    const part = spans.slice(from, from + 500).map(otlpSpan);
    await send(driftline.otlpHttp, jsonBody('poison', traceRequest(part)));
  }
  await eventually(
    async () => walSegments(driftline.dataDir).length,
    segments => segments === 0,
  );
  const [row] = await engine.clickhouse.query<{ n: string }>('SELECT count() AS n FROM spans FINAL');
  expect(row).toEqual({ n: '1997' });
  const health = await eventually(
    () => driftline.get<{ status: string; problems: string[] }>('/api/v1/health'),
    ({ problems }) => problems.includes('3 items are in quarantine.'),
  );
  expect(health.problems).toContain('3 items are in quarantine.');
});
