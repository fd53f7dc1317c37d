import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '#contract/endpoint.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { problemHandler } from './problem.ts';
import { nameRequests } from './request-id.ts';
import { serveFile } from './serve-file.ts';

let engine: TestEngine;
let server: Server;
let url: string;
let asked: AbortSignal | undefined;

beforeAll(async () => {
  engine = await startTestEngine();
  const app = express();
  app.use(nameRequests);
  const file = endpoint('GET', '/file', 'Numbers', z.object({ fails_at: z.coerce.number() }), z.string());
  serveFile(app, file, async ({ fails_at: failsAt }) => ({
    name: 'numbers.csv',
    contentType: 'text/csv',
    async *stream(signal) {
      asked = signal;
      const sql = `SELECT number, throwIf(number = {n:UInt64}, 'a disk is full') FROM numbers(5000000) FORMAT CSV`;
      yield* await engine.clickhouse.bytes(sql, { n: failsAt }, signal ? { signal } : {});
    },
  }));
  app.use(problemHandler({ info() {}, warn() {}, error() {} }));
  server = createServer(app);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await engine?.stop();
});

test('a file comes whole', async () => {
  const response = await fetch(`${url}?fails_at=99999999`);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="numbers.csv"');
  expect((await response.text()).trimEnd().split('\n')).toHaveLength(5_000_000);
});

test('what fails before the first byte is a problem', async () => {
  const response = await fetch(`${url}?fails_at=1`);
  expect(response.status).toBe(500);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
});

test('what fails on the way breaks off, so that half a file never looks whole', async () => {
  const response = await fetch(`${url}?fails_at=4000000`);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test('a caller who hangs up ends the question', async () => {
  const hangUp = new AbortController();
  const response = await fetch(`${url}?fails_at=99999999`, { signal: hangUp.signal });
  await response.body?.getReader().read();
  hangUp.abort();
  await expect.poll(() => asked?.aborted).toBe(true);
});
