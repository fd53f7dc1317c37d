import { expect, test } from 'vitest';
import type { CallRow } from '#store/rows.ts';
import { fitCallRow } from './fit-row.ts';

const row = {
  input_tokens: 10,
  output_tokens: null,
  ttft_ns: '1500',
  cost_nanos: '30',
  cost_low_nanos: '30',
  cost_high_nanos: '30',
  cost_by_kind: { input: '30' },
  client_cost_nanos: null,
  attempts: 1,
  failed_attempts: 0,
  flags: ['a'],
  http_status: null,
  tool_calls_requested: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  cache_write_1h_tokens: null,
  reasoning_tokens: null,
  audio_input_tokens: null,
  audio_output_tokens: null,
  embedding_tokens: null,
} as unknown as CallRow;

test('a row that fits is left alone', () => {
  expect(fitCallRow(row)).toBe(row);
});

test('what does not fit becomes unknown, never zero, and is flagged', () => {
  const fitted = fitCallRow({
    ...row,
    input_tokens: 1e300,
    ttft_ns: '1.5',
    client_cost_nanos: 'Infinity',
    http_status: 70_000,
  });
  expect(fitted).toMatchObject({
    input_tokens: null,
    ttft_ns: null,
    client_cost_nanos: null,
    http_status: null,
  });
  expect(fitted).toMatchObject({ cost_nanos: '30', flags: ['a', 'value_out_of_range'] });
});

test('a cost beyond 64 bits is unknown with all its kinds', () => {
  const fitted = fitCallRow({ ...row, cost_by_kind: { input: '9'.repeat(30), output: '1' } });
  expect(fitted).toMatchObject({ cost_nanos: null, cost_by_kind: {} });
});
