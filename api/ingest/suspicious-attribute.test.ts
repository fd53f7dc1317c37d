import { expect, test } from 'vitest';
import { isSuspicious } from './suspicious-attribute.ts';

test.each([
  'gen_ai.usage.prompt_cache.read_tokens',
  'gen_ai.response.model_id',
  'llm.token_count.thinking',
  'ai.usage.cachedReadTokens',
  'ai.response.finishReason2',
  'my_gateway.llm.total_cost',
  'vendor.completion_tokens',
])('%s may be a renamed convention', key => {
  expect(isSuspicious(key)).toBe(true);
});

test.each([
  'gen_ai.request.temperature',
  'gen_ai.request.max_tokens',
  'gen_ai.tool.description',
  'ai.settings.maxRetries',
  'ai.request.headers.user-agent',
  'http.request.body.size',
  'server.address',
  'app.tier',
  'csrf.token',
  'device.model.name',
])('%s loses nothing by not being read', key => {
  expect(isSuspicious(key)).toBe(false);
});
