import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readIngestStatuses } from '#store/state/ingest-status.ts';
import { openState } from '#store/state/open.ts';
import { startTestEngine } from '../test/support/engine.ts';
import { runCollector } from './run.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

function request() {
  const startNs = BigInt(Date.now()) * 1_000_000n;
  const strings = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
  };
  const counts = { 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.output_tokens': 100 };
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    name: 'chat gpt-4o-mini',
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 1_000_000n),
    attributes: [
      ...Object.entries(strings).map(([key, stringValue]) => ({ key, value: { stringValue } })),
      ...Object.entries(counts).map(([key, intValue]) => ({ key, value: { intValue } })),
    ],
  };
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}

test('a call is priced by the price book of the state database, and the counters are reported there', async () => {
  const engine = await startTestEngine();
  const dataDir = mkdtempSync(join(tmpdir(), 'driftline-run-'));
  const state = await openState({ dataDir });
  try {
    const collector = await runCollector({
      dataDir,
      host: '127.0.0.1',
      httpPort: 0,
      grpcPort: 0,
      state,
      storing: { clickhouse: engine.clickhouse },
      privacy: { captureContent: 'off', isLoopback: true },
      log: { info() {}, warn() {}, error() {} },
      settings: { flushMs: 10, patience: { quietMs: 50, longestMs: 500 } },
    });
    const body = request();
    const response = await fetch(`${collector.httpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(200);
    await collector.stop();
    // gpt-4o-mini: 0.15 USD per million input tokens, 0.60 per million output tokens.
    expect(await engine.clickhouse.query('SELECT cost_nanos, cost_by_kind FROM calls FINAL')).toEqual([
      { cost_nanos: '210000', cost_by_kind: { input: '150000', output: '60000' } },
    ]);
    expect(await readIngestStatuses(state)).toMatchObject([
      { acked: 1, stored: 1, waiting: 0, rejected: {}, report: { duplicates: 0, stopped: true } },
    ]);
    expect(
      await engine.clickhouse.query('SELECT dialect, received, acked, stored FROM ingest_sources FINAL'),
    ).toEqual([{ dialect: 'gen_ai', received: '1', acked: '1', stored: '1' }]);
  } finally {
    await state.destroy();
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
