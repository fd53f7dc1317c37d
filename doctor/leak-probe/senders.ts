import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import { signals } from '#collector/otlp/proto.ts';
import type { Signal } from './placements.ts';
import type { Planted } from './planted.ts';

/** Where the Driftline under test listens. */
export interface Target {
  url: string;
  otlpHttp: string;
  /** `host:port`. */
  otlpGrpc: string;
  key?: string | undefined;
}

/** A way for an OTLP request to get in; resolves with whether it was taken. */
export interface Transport {
  name: string;
  send(signal: Signal, request: object): Promise<boolean>;
}

const timeoutMs = 30_000;

/** HTTP and gRPC, protobuf and JSON, plain and compressed. */
export function otlpTransports(target: Target): { transports: Transport[]; close(): void } {
  const http = (name: string, encoding: 'json' | 'protobuf', isCompressed: boolean): Transport => ({
    name,
    async send(signal, request) {
      const json = Buffer.from(JSON.stringify(request));
      const body = encoding === 'json' ? json : jsonToProtobuf(signal, json);
      const headers = {
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      };
      const sent = isCompressed ? gzipSync(body) : body;
      return (await post(`${target.otlpHttp}/v1/${signal}`, headers, sent, target)) === 200;
    },
  });
  const client = new Client(target.otlpGrpc, credentials.createInsecure());
  const transports = [
    http('OTLP/HTTP protobuf', 'protobuf', false),
    http('OTLP/HTTP JSON', 'json', false),
    http('OTLP/HTTP protobuf gzip', 'protobuf', true),
    http('OTLP/HTTP JSON gzip', 'json', true),
    {
      name: 'OTLP/gRPC',
      send: (signal: Signal, request: object) =>
        call(client, signal, jsonToProtobuf(signal, Buffer.from(JSON.stringify(request))), target),
    },
  ];
  return { transports, close: () => client.close() };
}

function call(client: Client, signal: Signal, body: Uint8Array, { key }: Target): Promise<boolean> {
  const same = (bytes: Buffer) => bytes;
  const metadata = new Metadata();
  if (key) metadata.set('authorization', `Bearer ${key}`);
  return new Promise(resolve => {
    client.makeUnaryRequest(
      `/${signals[signal].service}/Export`,
      same,
      same,
      Buffer.from(body),
      metadata,
      { deadline: Date.now() + timeoutMs },
      error => resolve(error === null),
    );
  });
}

/** Resolves with the status. */
async function post(
  url: string,
  headers: Record<string, string>,
  body: Uint8Array | string,
  { key }: Target,
): Promise<number> {
  const authorization: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...authorization },
    body: typeof body === 'string' ? body : Buffer.from(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  return response.status;
}

/** A way in that takes one value and is no OTLP request that can be read. */
export interface Door {
  name: string;
  /** Whether something of it is stored, so that its marker must be found again. */
  isStored: boolean;
  /** Statuses that mean it was dealt with. */
  expected: readonly number[];
  send(planted: Planted): Promise<number>;
}

const json = { 'content-type': 'application/json' };

/** Scores, feedback, and requests that cannot be read and are refused with a reason that is kept. */
export function otherDoors(target: Target): Door[] {
  const api = (path: string, body: object) =>
    post(`${target.url}${path}`, json, JSON.stringify(body), target);
  const otlp = (path: string, headers: Record<string, string>, body: Uint8Array | string) =>
    post(`${target.otlpHttp}${path}`, headers, body, target);
  const stored = (name: string, send: Door['send']): Door => ({
    name,
    isStored: true,
    expected: [200, 207],
    send,
  });
  const refused = (name: string, send: Door['send']): Door => ({
    name,
    isStored: false,
    expected: [207, 400, 404, 415],
    send,
  });
  return [
    stored('POST /scores', ({ value, marker }) =>
      api('/api/v1/scores', {
        name: marker,
        label: `about ${value}`.slice(0, 256),
        explanation: `It says ${value}.`,
        session_id: /^\d+$/.test(value) ? `session ${value}` : value.slice(0, 256),
      }),
    ),
    stored('POST /feedback', ({ value, marker }) =>
      api('/api/v1/feedback', { rating: 'down', comment: `${marker} wrote ${value}`, session_id: 'probe' }),
    ),
    stored('Langfuse score', ({ value, marker }) =>
      otlp(
        '/api/public/ingestion',
        json,
        JSON.stringify({
          batch: [
            {
              id: marker,
              type: 'score-create',
              timestamp: new Date().toISOString(),
              body: { id: marker, sessionId: marker, name: marker, value: 1, comment: `It says ${value}` },
            },
          ],
        }),
      ),
    ),
    refused('JSON that breaks off', ({ value }) =>
      otlp('/v1/traces', json, `{"resourceSpans":[{"resource":"${JSON.stringify(value).slice(1, -1)}" oops`),
    ),
    refused('JSON of another shape', ({ value }) =>
      otlp('/v1/logs', json, JSON.stringify({ resourceLogs: [{ scopeLogs: value }] })),
    ),
    refused('a body that is a value', ({ value }) => otlp('/v1/traces', json, value)),
    refused('protobuf that breaks off', ({ value }) => {
      const bytes = Buffer.from(value);
      return otlp(
        '/v1/traces',
        { 'content-type': 'application/x-protobuf' },
        Buffer.concat([Buffer.from([10, 127]), bytes]),
      );
    }),
    refused('an unknown path', ({ value }) =>
      otlp(`/v1/${encodeURIComponent(value)}?q=${encodeURIComponent(value)}`, json, '{}'),
    ),
    refused('an unknown encoding', ({ value }) =>
      otlp('/v1/traces', { ...json, 'content-encoding': encodeURIComponent(value) }, '{}'),
    ),
    refused('a score without a target', ({ value }) =>
      api('/api/v1/scores', { name: 'probe', explanation: value }),
    ),
    refused('a Langfuse event of another type', ({ value }) =>
      otlp('/api/public/ingestion', json, JSON.stringify({ batch: [{ id: 'x', type: value, body: {} }] })),
    ),
  ];
}
