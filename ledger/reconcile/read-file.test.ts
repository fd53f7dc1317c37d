import { describe, expect, test } from 'vitest';
import { lineItem } from './formats/openai.ts';
import { modelKey } from './model-key.ts';
import { nanosOf, type ProviderFile } from './provider-line.ts';
import { readProviderFile, UnknownFile } from './read-file.ts';

const short = ({ lines }: ProviderFile) =>
  lines.map(({ startMs, model, kind, units, nanos, calls }) => [
    new Date(startMs).toISOString().slice(0, 10),
    model,
    kind,
    units ?? `${nanos}n`,
    ...(calls === null ? [] : [calls]),
  ]);

test("OpenAI's usage export: cached tokens are part of the input, empty buckets say nothing", () => {
  const file = readProviderFile(
    [
      'start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,output_text_tokens,input_cached_text_tokens,input_audio_tokens,input_cached_audio_tokens,output_audio_tokens,input_image_tokens,input_cached_image_tokens,output_image_tokens',
      '1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj,10.0,user,key,gpt-4o-2024-08-06,FALSE,default,59200.0,10646.0,5760.0,53440.0,53440.0,10646.0,5760.0,0.0,0.0,0.0,0.0,0.0,0.0',
      '1759881600,1759968000,2025-10-08T00:00:00+00:00,2025-10-09T00:00:00+00:00,,,,,,,,,,,,,,,,,,,,',
      '1759968000,1760054400,,,proj,many,user,key,gpt-4o,FALSE,default,1,1,0,1,1,1,0,0,0,0,0,0,0',
      'short,line',
    ].join('\n'),
  );
  expect(file).toMatchObject({ format: 'openai_usage_csv', providers: ['openai'], currency: '' });
  expect(short(file)).toEqual([
    ['2025-10-05', 'gpt-4o-2024-08-06', 'input', 53440, 10],
    ['2025-10-05', 'gpt-4o-2024-08-06', 'cache_read', 5760],
    ['2025-10-05', 'gpt-4o-2024-08-06', 'output', 10646],
  ]);
  expect(file.refused).toEqual([
    { line: 4, why: 'num_model_requests: "many" is not a count' },
    { line: 5, why: 'has 2 values, the header names 24 columns' },
  ]);
});

test("OpenAI's costs, as CSV and as JSON", () => {
  const csv = readProviderFile(
    'start_time\tend_time\tstart_time_iso\tend_time_iso\tamount_value\tamount_currency\tline_item\tproject_id\torganization_id\torganization_name\n' +
      '1759622400\t1759708800\t2025-10-05T00:00:00+00:00\t2025-10-06T00:00:00+00:00\t0.8958740000000000\tusd\tgpt-4o-2024-08-06, cached input\t\torg\tPersonal\n' +
      '1759968000\t1760054400\t2025-10-09T00:00:00+00:00\t2025-10-10T00:00:00+00:00\t\t\t\t\t\t\n',
  );
  expect(csv).toMatchObject({ format: 'openai_costs_csv', currency: 'USD' });
  expect(short(csv)).toEqual([['2025-10-05', 'gpt-4o-2024-08-06', 'cache_read', '895874000n']]);
  const json = readProviderFile(
    JSON.stringify({
      object: 'page',
      data: [
        {
          object: 'bucket',
          start_time: 1730419200,
          end_time: 1730505600,
          results: [
            {
              object: 'organization.costs.result',
              amount: { value: 0.06, currency: 'usd' },
              line_item: null,
              project_id: null,
            },
          ],
        },
      ],
      has_more: false,
      next_page: null,
    }),
  );
  expect(json.format).toBe('openai_costs_json');
  expect(short(json)).toEqual([['2024-11-01', '', 'other', '60000000n']]);
});

test.each([
  ['gpt-4o-mini-2024-07-18, input', 'gpt-4o-mini-2024-07-18', 'input'],
  ['gpt-audio-mini-2025-12-15 audio, output', 'gpt-audio-mini-2025-12-15', 'output_audio'],
  ['priority | gpt-5.6-sol, output, long context', 'gpt-5.6-sol', 'output'],
  ['web search tool calls', '', 'search'],
  ['Vector storage', '', 'other'],
])('a line item of the costs: %s', (text, model, kind) => {
  expect(lineItem(text)).toEqual({ model, kind });
});

test("Anthropic's reports: cents as text, cache writes by lifetime, searches", () => {
  const bucket = (result: object) =>
    JSON.stringify({
      data: [{ starting_at: '2025-08-01T00:00:00Z', ending_at: '2025-08-02T00:00:00Z', results: [result] }],
      has_more: true,
      next_page: 'page_x',
    });
  const usage = readProviderFile(
    bucket({
      uncached_input_tokens: 1500,
      cache_creation: { ephemeral_1h_input_tokens: 1000, ephemeral_5m_input_tokens: 500 },
      cache_read_input_tokens: 200,
      output_tokens: 500,
      server_tool_use: { web_search_requests: 10 },
      api_key_id: null,
      model: 'claude-sonnet-4-20250514',
    }),
  );
  expect(usage.format).toBe('anthropic_usage_json');
  expect(short(usage).map(line => line.slice(2))).toEqual([
    ['input', 1500],
    ['cache_write', 500],
    ['cache_write_1h', 1000],
    ['cache_read', 200],
    ['output', 500],
    ['search', 10],
  ]);
  const cost = readProviderFile(
    bucket({
      currency: 'USD',
      amount: '123.78912',
      description: 'Claude Sonnet 4 Usage - Input Tokens',
      cost_type: 'tokens',
      model: 'claude-sonnet-4-20250514',
      token_type: 'uncached_input_tokens',
    }),
  );
  expect(cost.format).toBe('anthropic_cost_json');
  expect(short(cost)).toEqual([['2025-08-01', 'claude-sonnet-4-20250514', 'input', '1237891200n']]);
});

describe('FOCUS', () => {
  const header =
    'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ChargeDescription,ConsumedQuantity,ConsumedUnit,ProviderName,SkuMeter,Tags,x_Model';

  test('models and kinds are found where providers put them; taxes stand apart', () => {
    const file = readProviderFile(
      [
        header,
        '1.50,EUR,Usage,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,,2,1M Tokens,Anthropic,Cache Read Input Tokens,,claude-sonnet-4-5',
        '0.25,EUR,Usage,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,"gpt-4o-mini, output",300,Tokens,OpenAI,,"{""team"":""a""}",',
        '0.35,EUR,Tax,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,VAT,,,OpenAI,,,',
        ',EUR,Usage,2026-10-05T00:00:00Z,,,,,OpenAI,,,',
      ].join('\n'),
    );
    expect(file).toMatchObject({ format: 'focus_csv', currency: 'EUR', providers: ['anthropic', 'openai'] });
    expect(short(file)).toEqual([
      ['2026-10-05', 'claude-sonnet-4-5', 'cache_read', 2_000_000],
      ['2026-10-05', 'gpt-4o-mini', 'output', 300],
      ['2026-10-05', '', 'charge', '350000000n'],
    ]);
    expect(file.refused).toEqual([{ line: 5, why: 'BilledCost is empty' }]);
    // Written to the cent.
    expect(file.stepNanos).toBe(10_000_000n);
  });
});

test.each([
  ['a,b\n1,2', /columns a, b … are of no known file; expected are/],
  ['{"data": []}', /holds no usage and no costs/],
  ['{"data": [', /begins like JSON but is not/],
  [
    'BilledCost,ChargePeriodStart,BillingCurrency\n1,2026-10-05,USD\n1,2026-10-05,EUR',
    /mixes currencies \(USD, EUR\)/,
  ],
])('what is no usage is told: %s', (content, message) => {
  expect(() => readProviderFile(content)).toThrow(UnknownFile);
  expect(() => readProviderFile(content)).toThrow(message);
});

test('all names of a model are one', () => {
  for (const name of [
    'Claude Haiku 3.5',
    'claude-3-5-haiku-20241022',
    'us.anthropic.claude-3-5-haiku-20241022-v1:0',
  ]) {
    expect(modelKey(name)).toBe('claude-haiku-3-5');
  }
  expect(modelKey('gpt-4.1-2025-04-14')).toBe('gpt-4.1');
  expect(modelKey('Claude Opus 4')).toBe(modelKey('claude-opus-4-20250514'));
});

test('amounts are read without a detour over floating point', () => {
  expect(nanosOf('0.1', 'x')).toBe(100_000_000n);
  expect(nanosOf('-12.3456789015', 'x')).toBe(-12_345_678_902n);
  expect(nanosOf('1e-7', 'x')).toBe(100n);
  expect(nanosOf('123.45', 'x', -2)).toBe(1_234_500_000n);
  expect(() => nanosOf('1,5', 'x')).toThrow('x: "1,5" is not a number');
});
