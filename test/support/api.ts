import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, type ApiOptions, startApi } from '../../api/start.ts';
import { openState, type StateDb } from '../../store/state/open.ts';
import type { TestEngine } from './engine.ts';

export interface TestApi {
  api: Api;
  url: string;
  state: StateDb;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Asks, and expects the answer to be JSON. */
  ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

export const quiet = { info() {}, warn() {}, error() {} };

/** What a server that others can reach says of itself. */
export const aboutGuarded = {
  version: '1',
  otlpHttpUrl: 'http://127.0.0.1:1',
  otlpGrpcUrl: '127.0.0.1:2',
  keyRequired: true,
  localMode: false,
  privacy: { captureContent: 'off' as const, isLoopback: true },
  reportingZone: 'UTC',
};

/** The API in local mode on a free port with its own state database, over a running engine. */
export async function startTestApi(
  engine: Pick<TestEngine, 'clickhouse'>,
  overrides: Partial<ApiOptions> = {},
): Promise<TestApi> {
  const dataDir = await mkdtemp(join(tmpdir(), 'driftline-api-'));
  const state = await openState({ dataDir });
  const api = await startApi({
    host: '127.0.0.1',
    port: 0,
    clickhouse: engine.clickhouse,
    state,
    log: quiet,
    about: {
      version: '1.2.3',
      otlpHttpUrl: 'http://127.0.0.1:4318',
      otlpGrpcUrl: '127.0.0.1:4317',
      keyRequired: false,
      localMode: true,
      privacy: { captureContent: 'on', isLoopback: true },
      reportingZone: 'UTC',
    },
    webDir: join(dataDir, 'no-web'),
    demo: { childFile: join(dataDir, 'no-demo.js') },
    alerts: false,
    ...overrides,
  });
  const { url } = api;
  return {
    api,
    url,
    state,
    fetch: (path, init) => fetch(`${url}${path}`, init),
    async ask(method, path, body) {
      const headers = { 'content-type': 'application/json' };
      const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
      const response = await fetch(`${url}${path}`, init);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async stop() {
      await api.stop();
      await state.destroy();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
