import { expect, test } from 'vitest';
import { type PricedRow, pricedCallOfRow, pricedColumns } from '#ledger/price/priced-call.ts';
import { callBlock } from '#store/native/tables.ts';
import { aSpan } from '../../test/support/telemetry.ts';
import { deriveCalls } from '../request/calls.ts';
import { describeSpan } from '../request/describe.ts';
import { addCall } from '../settle/call-block.ts';
import { callToPrice } from './call-cost.ts';

const unpriced = {
  nanos: null,
  lowNanos: null,
  highNanos: null,
  uncachedNanos: null,
  byKind: {},
  priceVersion: '',
};

test('a call is priced from its row as it was when it was derived', () => {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-image-2',
    'gen_ai.response.model': 'gpt-image-2-2026-04-21',
    'gen_ai.usage.input_tokens': '100',
    'gen_ai.usage.cache_read.input_tokens': '10',
    'gen_ai.usage.cache_write.input_tokens': '9',
    'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': '8',
    'gen_ai.usage.audio.input_tokens': '7',
    'gen_ai.usage.image.input_tokens': '6',
    'gen_ai.request.max_tokens': '500',
    'gen_ai.usage.reasoning.output_tokens': '5',
    'gen_ai.usage.web_search_requests': '4',
    'gen_ai.usage.search_units': '3',
    'driftline.usage.images': '2',
    'openai.response.service_tier': 'flex',
  };
  const startNs = BigInt(Date.UTC(2026, 10, 5)) * 1_000_000n + 123_456_789n;
  const [call] = deriveCalls([describeSpan(aSpan({ attributes, startNs, endNs: startNs }))], []).calls;
  const written: Record<string, unknown> = {};
  const block = callBlock();
  for (const [name, column] of Object.entries(block.columns)) {
    const { push } = column as { push(value: unknown): void };
    Object.assign(column, {
      push(value: unknown) {
        written[name] = value;
        push.call(column, value);
      },
    });
  }
  addCall(block, call!, unpriced, { projectId: 'shop', version: 1n });
  const row = Object.fromEntries(pricedColumns.map(name => [name, written[name]])) as unknown as PricedRow;
  const priced = callToPrice(call!, 'shop');
  expect(pricedCallOfRow(row, priced.startMs)).toEqual(priced);
  expect(priced).toMatchObject({
    maxOutputTokens: 500,
    pieces: { images: 2, searches: 4, rerankUnits: 3 },
    tokens: { imageInput: 6, cacheWrite1h: 8 },
  });
});
