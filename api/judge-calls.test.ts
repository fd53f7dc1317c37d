import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { quiet } from '../test/support/api.ts';
import { judgeSpans } from './judge-calls.ts';

test('a call of a judge becomes a span of its own purpose, sent with the key', async () => {
  let arrive: (got: { request: IncomingMessage; body: string }) => void;
  const received = new Promise<{ request: IncomingMessage; body: string }>(resolve => {
    arrive = resolve;
  });
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', part => {
      body += String(part);
    });
    request.on('end', () => {
      arrive({ request, body });
      response.end('{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const usage = { provider: 'openai', requestModel: 'gpt-4o-mini', responseModel: 'gpt-4o-mini-2024-07-18' };
  const counts = { inputTokens: 900, outputTokens: 40, cachedTokens: null, atMs: 1_763_700_000_000 };
  judgeSpans(
    { otlpHttpUrl: `http://127.0.0.1:${port}`, key: 'k' },
    quiet,
  )({
    usage: { ...usage, ...counts },
    durationMs: 250.5,
    rubric: 'tone',
    baseUrl: 'http://127.0.0.1:11434/v1',
  });
  const { request, body } = await received;
  server.close();
  expect([request.url, request.headers.authorization]).toEqual(['/v1/traces', 'Bearer k']);
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { spans: { attributes: { key: string; value: object }[] }[] }[] }[];
  };
  const span = resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
  expect(span).toMatchObject({
    startTimeUnixNano: '1763700000000000000',
    endTimeUnixNano: '1763700000250500000',
  });
  const attributes = Object.fromEntries(
    span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  expect(attributes).toMatchObject({
    'driftline.purpose': 'evaluation',
    'feature.name': 'judge tone',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.usage.input_tokens': '900',
    'gen_ai.usage.output_tokens': '40',
  });
  expect(attributes).not.toHaveProperty('gen_ai.usage.cache_read.input_tokens');
});
