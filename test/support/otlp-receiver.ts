import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Signal, signals } from '#collector/otlp/proto.ts';

/** A request as it arrived, uncompressed and decoded. */
export interface ReceivedRequest {
  signal: Signal;
  headers: IncomingHttpHeaders;
  bytes: number;
  message: Record<string, unknown>;
  /** Hex ids of its spans. */
  spanIds: string[];
}

/** What to answer: a status, one with headers or a body, or nothing at all. */
export type Answer =
  | number
  | 'hang'
  | { status: number; headers?: Record<string, string>; body?: Uint8Array };

export interface OtlpReceiver {
  url: string;
  port: number;
  /** Every request that was answered with 2xx, oldest first. */
  taken: ReceivedRequest[];
  /** All others. */
  refused: ReceivedRequest[];
  /** Ids of all spans in `taken`. */
  spanIds(): Set<string>;
  /** Decides from now on; 200 at first. */
  answers: (request: ReceivedRequest) => Answer | Promise<Answer>;
  stop(): Promise<void>;
}

/** A real OTLP/HTTP receiver for protobuf on a loopback port, free or given. */
export async function startOtlpReceiver(port = 0): Promise<OtlpReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      void take(receiver, readRequest(request.url ?? '', request.headers, body), response);
    });
  });
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    taken: [],
    refused: [],
    spanIds: () => new Set(receiver.taken.flatMap(({ spanIds }) => spanIds)),
    answers: () => 200,
    stop: () => close(server),
  };
  return receiver;
}

async function take(receiver: OtlpReceiver, received: ReceivedRequest, response: ServerResponse) {
  const answer = await receiver.answers(received);
  if (answer === 'hang') return;
  const { status, headers, body } = typeof answer === 'number' ? { status: answer } : answer;
  (status < 300 ? receiver.taken : receiver.refused).push(received);
  response.writeHead(status, { 'content-type': 'application/x-protobuf', ...headers }).end(body);
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise(resolve => server.close(() => resolve()));
}

interface Spans {
  resourceSpans?: { scopeSpans?: { spans?: { spanId: string }[] }[] }[];
}

function readRequest(path: string, headers: IncomingHttpHeaders, body: Buffer): ReceivedRequest {
  const signal = /\/v1\/(traces|logs|metrics)$/.exec(path)?.[1] as Signal | undefined;
  if (!signal) throw new Error(`nothing is served at ${path}`);
  const type = signals[signal].request;
  const message = type.toObject(type.decode(body), { longs: String, bytes: String }) as Spans;
  const spans = (message.resourceSpans ?? []).flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(scope => scope.spans ?? []),
  );
  const spanIds = spans.map(({ spanId }) => Buffer.from(spanId, 'base64').toString('hex'));
  return { signal, headers, bytes: body.length, message: { ...message }, spanIds };
}
