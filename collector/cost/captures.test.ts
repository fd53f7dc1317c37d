import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPriceBook } from '#store/prices/load.ts';
import type { PriceBook } from '#store/prices/price-book.ts';
import { openState } from '#store/state/open.ts';
import { readScenarios } from '../../test/support/captures.ts';
import { handCostNanos } from '../../test/support/hand-price.ts';
import { decodeLogs, decodeTraces } from '../otlp/decode.ts';
import { deriveCalls } from '../request/calls.ts';
import { describeLog, describeSpan } from '../request/describe.ts';
import { callCost } from './call-cost.ts';

let book: PriceBook;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-capture-costs-'));
  const state = await openState({ dataDir });
  book = await loadPriceBook(state);
  await state.destroy();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const context = { projectId: 'default', receivedAtMs: Date.UTC(2026, 10, 21), retentionDays: 90 };

test.each(readScenarios())('$name: every call costs what its tokens cost at list price', ({ bodies }) => {
  const of = (wanted: string) => bodies.filter(({ signal }) => signal === wanted);
  const spans = of('traces').flatMap(({ body, encoding }) => decodeTraces(body, encoding, context).spans);
  const logs = of('logs').flatMap(({ body, encoding }) => decodeLogs(body, encoding, context).logs);
  const { calls } = deriveCalls(
    spans.map(span => describeSpan(span)),
    logs.map(log => describeLog(log)).filter(log => log !== null),
  );
  for (const call of calls) {
    const input = call.inputTokens ?? call.embeddingTokens;
    const { nanos } = callCost(call, 'default', book);
    if (input === null) {
      expect({ spanId: call.spanId, nanos }).toEqual({ spanId: call.spanId, nanos: null });
      continue;
    }
    const byHand = handCostNanos({
      model: call.responseModel || call.requestModel,
      input,
      cacheRead: call.cacheReadTokens ?? 0,
      cacheWrite: call.cacheWriteTokens ?? 0,
      output: call.outputTokens ?? 0,
    });
    expect({ spanId: call.spanId, nanos }).toEqual({ spanId: call.spanId, nanos: byHand });
  }
});
