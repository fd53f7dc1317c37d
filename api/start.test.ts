import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { problem } from '#contract/endpoint.ts';
import { openClickHouse } from '#store/engine/client.ts';
import { aboutGuarded, quiet, startTestApi, type TestApi } from '../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';

let engine: TestEngine;
let shared: TestApi;
let webDir: string;
const others: TestApi[] = [];

const page = '<!doctype html><head><title>Driftline</title></head>';
const script = `console.log(${JSON.stringify('x'.repeat(5000))})`;

const adminKey = 'a-long-admin-key-0123456789';

beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), 'driftline-web-'));
  await mkdir(join(webDir, 'assets'));
  await writeFile(join(webDir, 'index.html'), page);
  await writeFile(join(webDir, 'assets', 'app-1a2b3c.js'), script);
  await writeFile(join(webDir, 'assets', 'app-1a2b3c.js.br'), brotliCompressSync(script));
  const preloads = {
    '/spend': { scripts: ['/assets/spend.js'], questions: ['/api/v1/alerts?state=any&limit=500'] },
    '/golden/$set': { scripts: ['/assets/set.js'], questions: [] },
  };
  await writeFile(join(webDir, 'preloads.json'), JSON.stringify(preloads));
  engine = await startTestEngine();
  shared = await startTestApi(engine, { webDir });
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop();
});
afterAll(async () => {
  await shared?.stop();
  await engine?.stop();
  await rm(webDir, { recursive: true, force: true });
});

async function start(...[overrides]: [Parameters<typeof startTestApi>[1]]): Promise<TestApi> {
  const api = await startTestApi(engine, overrides);
  others.push(api);
  return api;
}

/** fetch does not let a caller choose the Host header. */
function withHost(path: string, host: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${shared.url}${path}`, { headers: { host, ...headers } }, answer => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function expectProblem(response: Response, status: number, detail: RegExp): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const body = problem.parse(await response.json());
  expect(body.status).toBe(status);
  expect(body.request_id).toBe(response.headers.get('x-request-id'));
  expect(body.detail).toMatch(detail);
}

const post = (body: string, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
});

describe('errors', () => {
  test.each([
    ['an unknown path', '/api/v1/nothing', {}, 404, /no \/api\/v1\/nothing/],
    ['an unknown method', '/api/v1/health', { method: 'PATCH' }, 405, /PATCH/],
    ['a bad parameter', '/api/v1/traces?limit=zero', {}, 400, /^limit: /],
    [
      'a misspelt parameter',
      '/api/v1/traces?form=now-1h',
      {},
      400,
      /^form: no such parameter; known are from/,
    ],
    ['a parameter given twice', '/api/v1/traces?limit=1&limit=2', {}, 400, /^limit: /],
    ['a reversed range', '/api/v1/overview?from=now&to=now-1h', {}, 400, /^from: now is not before/],
    ['a broken body', '/api/v1/scores', post('{"name":'), 400, /not JSON/],
    ['a body of another type', '/api/v1/scores', post('name=x', 'text/plain'), 415, /application\/json/],
    ['a body that is too large', '/api/v1/scores', post(`"${'x'.repeat(9_000_000)}"`), 413, /too large/],
    ['broken percent-encoding', '/api/v1/traces/%E0%A4%A', {}, 400, /./],
  ])('%s is a problem that says what to do', async (_name, path, init, status, detail) => {
    await expectProblem(await shared.fetch(path, init as RequestInit), status as number, detail as RegExp);
  });

  test('a method that is not possible is answered with those that are', async () => {
    const response = await shared.fetch('/api/v1/demo', { method: 'PUT' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST, DELETE');
  });

  test('a store that is down is 503 with a time to come back, and health says so', async () => {
    const clickhouse = openClickHouse({ url: 'http://127.0.0.1:1', user: 'x', password: 'x' });
    const api = await startTestApi({ clickhouse });
    others.push(api);
    const response = await api.fetch('/api/v1/traces');
    expect(response.headers.get('retry-after')).toBe('2');
    await expectProblem(response, 503, /store does not answer/);
    const health = await api.ask('GET', '/api/v1/health');
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({ status: 'degraded', engine: { status: 'down', version: null } });
  });

  test('a store that many pages wait for is busy, not away', async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const settings = { max_block_size: '1', max_execution_time: 600 };
    let ended = 0;
    const pages = Array.from({ length: 4 * availableParallelism() }, () =>
      engine.clickhouse
        .query('SELECT sleepEachRow(1) FROM numbers(300)', {}, { settings, signal })
        .catch(() => {})
        .finally(() => {
          ended += 1;
        }),
    );
    await expect
      .poll(async () => (await shared.ask('GET', '/api/v1/health')).body.engine)
      .toMatchObject({ status: 'ok' });
    expect(ended).toBe(0);
    leaving.abort();
    await Promise.all(pages);
  });

  test('what we did wrong is 500 without a word of it, and logged under the same id', async () => {
    const logged: { requestId: string; err: Error }[] = [];
    const clickhouse = openClickHouse({
      url: engine.url,
      user: engine.user,
      password: engine.password,
      database: 'nowhere',
    });
    const log = { ...quiet, error: (fields: object) => logged.push(fields as (typeof logged)[number]) };
    const api = await startTestApi({ clickhouse }, { log });
    others.push(api);
    const response = await api.fetch('/api/v1/traces');
    const text = await response.clone().text();
    await expectProblem(response, 500, /request id/);
    expect(text).not.toContain('nowhere');
    expect(logged.map(({ requestId }) => requestId)).toEqual([response.headers.get('x-request-id')]);
    expect(logged[0]?.err.message).toContain('nowhere');
    await clickhouse.close();
  });
});

describe('security', () => {
  test('every answer carries the headers; the API is never stored', async () => {
    for (const path of ['/api/v1/health', '/api/v1/nothing', '/']) {
      const { headers } = await shared.fetch(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toContain("script-src 'self' 'unsafe");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
    }
    expect((await shared.fetch('/api/v1/health')).headers.get('cache-control')).toBe('no-store');
    expect((await shared.fetch('/api/v1/health')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('behind TLS browsers are told to stay there, and links of that name are welcome', async () => {
    const api = await start({ publicUrl: 'https://driftline.example' });
    const secure = await api.fetch('/api/v1/health');
    expect(secure.headers.get('strict-transport-security')).toContain('max-age');
    expect((await shared.fetch('/api/v1/health')).headers.get('strict-transport-security')).toBeNull();
    const headers = { 'content-type': 'application/json', origin: 'https://driftline.example' };
    expect((await api.fetch('/api/v1/channels', { ...post('{}'), headers })).status).toBe(400);
  });

  test.each([
    ['localhost:8080', 200],
    ['127.0.0.1', 200],
    ['[::1]:8080', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:80', 403],
  ])('in local mode the host %j is answered with %i', async (host, status) => {
    expect(await withHost('/api/v1/health', host)).toBe(status);
    expect(await withHost('/', host)).toBe(status);
    expect(await withHost('/socket.io/?EIO=4&transport=polling', host)).toBe(status);
  });

  test('another site may not write', async () => {
    const from = (origin: string) =>
      shared.fetch('/api/v1/channels', {
        ...post('{}'),
        headers: { 'content-type': 'application/json', origin },
      });
    await expectProblem(await from('https://evil.example'), 403, /another site/i);
    await expectProblem(await from('null'), 403, /another site/i);
    await expectProblem(await from(shared.url), 400, /^url: /);
    const crossSite = await shared.fetch('/api/v1/demo', {
      method: 'DELETE',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(crossSite.status).toBe(403);
  });

  test('a server that others can reach asks for the key, and compares all of it', async () => {
    const api = await start({ adminKey, about: aboutGuarded, webDir });
    const withKey = (key?: string) =>
      api.fetch('/api/v1/onboarding', key === undefined ? {} : { headers: { authorization: key } });
    const refused = await withKey();
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    await expectProblem(refused, 401, /authorization: Bearer/);
    expect((await withKey(`Bearer ${adminKey}x`)).status).toBe(401);
    expect((await withKey(`Bearer ${adminKey.slice(0, -1)}`)).status).toBe(401);
    expect((await withKey(adminKey)).status).toBe(401);
    expect((await withKey(`Bearer ${adminKey}`)).status).toBe(200);
    expect((await api.fetch('/')).status).toBe(200);
    await expect(start({ about: aboutGuarded })).rejects.toThrow('admin key');
  });
});

describe('pages', () => {
  test('every address of the dashboard gives its page, never from a cache', async () => {
    for (const path of ['/', '/traces', '/features/gpt-4.1', '/a/123?from=now-1h']) {
      const response = await shared.fetch(path, { headers: { accept: 'text/html' } });
      expect(await response.text()).toBe(page);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-type')).toContain('text/html');
    }
  });

  test('hashed files are kept for ever and sent compressed', async () => {
    const response = await shared.fetch('/assets/app-1a2b3c.js', {
      headers: { 'accept-encoding': 'br, gzip' },
    });
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(await response.text()).toBe(script);
  });

  test('a script is sent as the build has compressed it, to those who can read that', async () => {
    const ask = (encoding: string) =>
      shared.fetch('/assets/app-1a2b3c.js', { headers: { 'accept-encoding': encoding } });
    for (const [accepted, sent] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await ask(accepted);
      expect(response.headers.get('content-encoding')).toBe(sent);
      expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(response.headers.get('vary')?.toLowerCase()).toBe('accept-encoding');
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(await response.text()).toBe(script);
    }
  });

  test('a page names what it will need, and asks the API ahead only where no key and no query decide', async () => {
    const links = async (api: TestApi, path: string) =>
      [...(await (await api.fetch(path)).text()).matchAll(/<link rel="(\w+)"[^>]* href="([^"]*)">/g)].map(
        ([, rel, href]) => [rel, href],
      );
    const own = ['modulepreload', '/assets/spend.js'];
    expect(await links(shared, '/spend')).toEqual([
      own,
      ['preload', '/api/v1/alerts?state=any&amp;limit=500'],
    ]);
    expect(await links(shared, '/spend?month=2026-10')).toEqual([own]);
    expect(await links(shared, '/golden/one')).toEqual([['modulepreload', '/assets/set.js']]);
    expect(await links(shared, '/golden/one/compare')).toEqual([]);
    expect(await links(await start({ webDir, adminKey, about: aboutGuarded }), '/spend')).toEqual([own]);
  });

  test('a file that is not there is not answered with the page, and pages cannot be written', async () => {
    await expectProblem(await shared.fetch('/assets/old-9z8y7x.js'), 404, /old-9z8y7x/);
    await expectProblem(await shared.fetch('/../package.json'), 404, /./);
    await expectProblem(await shared.fetch('/traces', { method: 'POST' }), 405, /read/);
  });

  test('without a built dashboard the page says how to get one', async () => {
    const api = await start({});
    await expectProblem(await api.fetch('/'), 404, /npm run build/);
  });
});
