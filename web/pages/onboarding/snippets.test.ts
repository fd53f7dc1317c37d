import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { sendersFor } from './snippets.ts';

const target = { otlpHttp: 'http://127.0.0.1:4318', otlpGrpc: '127.0.0.1:4317', keyRequired: false };

test('every sender has the endpoint filled in', () => {
  for (const { label, snippets } of sendersFor(target))
    expect(
      snippets.some(({ code }) => code.includes(target.otlpHttp)),
      label,
    ).toBe(true);
});

test('a key is asked for exactly when senders need one', () => {
  const text = (keyRequired: boolean) => JSON.stringify(sendersFor({ ...target, keyRequired }));
  expect(text(false)).not.toContain('YOUR_INGEST_KEY');
  for (const { label, snippets } of sendersFor({ ...target, keyRequired: true }))
    expect(JSON.stringify(snippets), label).toContain('Bearer YOUR_INGEST_KEY');
});

test('the collector configuration is YAML with a working pipeline', () => {
  const code = sendersFor({ ...target, keyRequired: true }).find(one => one.value === 'collector')
    ?.snippets[0]?.code;
  const config = parse(code ?? '') as { exporters: Record<string, { headers: unknown }> };
  expect(config.exporters['otlphttp/driftline']?.headers).toEqual({
    authorization: 'Bearer YOUR_INGEST_KEY',
  });
});

test('the curl command sends a valid span', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => (body += chunk));
    request.on('end', () => {
      bodies.push(body);
      response.end('{}');
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const code = sendersFor({ ...target, otlpHttp: `http://127.0.0.1:${port}` }).find(
    one => one.value === 'curl',
  )?.snippets[0]?.code;
  const { execFile } = await import('node:child_process');
  await new Promise(done => execFile('sh', ['-c', code ?? ''], done));
  server.close();
  const span = JSON.parse(bodies[0] ?? '').resourceSpans[0].scopeSpans[0].spans[0];
  expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)).toBe(812_000_000n);
  expect(span.attributes).toHaveLength(6);
});

test('the Node file is valid', () => {
  const code =
    sendersFor(target)
      .find(one => one.value === 'node')
      ?.snippets.at(-1)?.code ?? '';
  execFileSync(process.execPath, ['--check', '--input-type=module', '-'], { input: code });
});
