import { describe, expect, it } from 'vitest';
import type { ModelCard } from '#contract/model-card.ts';
import { cardMarkdown } from './markdown.ts';
import { missingOf } from './missing.ts';

const estimate = {
  ...{ value: 0.83, low: 0.8, high: 0.86, calls_low: 0.81, calls_high: 0.85, basis: 'weighted' as const },
  ...{ n: 400, effective_n: 320.4, left_out: 3, unweighted_mean: 0.7, calls: 1_600, coverage: 0.25 },
};

const nothing: ModelCard = {
  feature: 'support',
  version: [],
  generated_at: '2026-11-21T10:00:00.000Z',
  from: '2026-10-22T10:00:00.000Z',
  to: '2026-11-21T10:00:00.000Z',
  calls: 0,
  first_call: null,
  last_call: null,
  texts: { intended_use: null, limits: null, owner: null },
  versions: { prompt: [], release: [], model: [], variant: [] },
  quality: [],
  failures: { failed_calls: 0, error_types: [], finish_reasons: [], refusals: null, lowest: [] },
  latency: { calls: 0, p50_ms: null, p95_ms: null },
  cost: { source: 'ledger', calls: 0, priced_calls: 0, usd_per_1000_calls: null, total_usd: null },
  tokens: { input: { calls: 0, mean: null }, output: { calls: 0, mean: null } },
  golden: { runs: [], gates: [] },
  judges: [],
  fairness: null,
  missing: [],
};

const known: ModelCard = {
  ...nothing,
  version: [{ dimension: 'prompt', value: 'answer v14' }],
  calls: 1_650,
  first_call: '2026-11-01T00:00:00.000Z',
  last_call: '2026-11-20T23:00:00.000Z',
  texts: {
    ...nothing.texts,
    limits: {
      version: 2,
      text: 'Not for <b>medical</b>\nquestions',
      author: 'Ada',
      written_at: '2026-11-02T00:00:00Z',
    },
  },
  versions: {
    ...nothing.versions,
    model: [
      {
        ...{ name: 'a|b*c', calls: 1_650, share: 1 },
        ...{ first_seen: '2026-11-01T00:00:00Z', last_seen: '2026-11-20T23:00:00Z' },
      },
    ],
  },
  quality: [{ score: 'relevancy', better: 'higher', ...estimate }],
  failures: {
    ...nothing.failures,
    failed_calls: 50,
    error_types: [
      { name: 'timeout', calls: 50, share: 50 / 1_650, examples: [{ trace_id: 'abc', span_id: 'def' }] },
    ],
  },
  latency: { calls: 1_600, p50_ms: 812.4, p95_ms: 2_001 },
  cost: {
    source: 'ledger',
    calls: 1_650,
    priced_calls: 1_500,
    usd_per_1000_calls: '0.027000000',
    total_usd: '0.040500000',
  },
};

const card = (of: ModelCard) => cardMarkdown(of, 'http://localhost:3000');

describe('Markdown of a model card', () => {
  it('says what is missing, never zero', () => {
    const text = card({ ...nothing, missing: missingOf(nothing, 0) });
    expect(text.match(/_Missing: nobody has written this\._/g)).toHaveLength(3);
    expect(text).toContain('| Latency p50 | not known | 0 |');
    expect(text).toContain('Failed calls: not known');
    expect(text).toContain('- No calls in this window.');
    expect(text).not.toMatch(/\$0|NaN|null|undefined/);
  });

  it('says of every number how many calls it stands on', () => {
    const text = card(known);
    expect(text).toContain('- Version: prompt answer v14');
    expect(text).toContain(
      '| relevancy | higher | 0.83 | 0.80 to 0.86 | 400 | 320 | 1,600 | 25.0 % | weighted by the chance of being scored |',
    );
    expect(text).toContain('| Latency p95 | 2001 ms | 1,600 |');
    expect(text).toContain('| Cost per 1,000 calls (ledger) | $0.027000000 | 1,500 |');
    expect(text).toContain('| timeout | 50 | 3.0 % | [1](http://localhost:3000/traces/abc?span=def) |');
    expect(missingOf(known, 1)).toContain('150 of 1650 calls have no price and are left out of the cost.');
  });

  it('keeps what people and senders wrote from becoming markup', () => {
    const text = card(known);
    expect(text).toContain('> Not for &lt;b>medical&lt;/b>\n> questions');
    expect(text).toContain('<sub>Version 2, 2026-11-02 00:00 UTC by Ada</sub>');
    expect(text).toContain('| Model | a\\|b\\*c |');
  });
});
