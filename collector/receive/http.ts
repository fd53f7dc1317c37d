import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CollectorLog } from '../hooks.ts';
import { errorStatus, exportResponse, rpcCode } from '../otlp/answer.ts';
import type { Encoding } from '../otlp/decode.ts';
import type { Signal } from '../otlp/proto.ts';
import { type BodyLimits, BodyTooLarge, canDecode, defaultBodyLimits, readBody } from './body.ts';
import type { Receive } from './intake.ts';
import { Overloaded, type Refusal, refusalOf, within } from './refusal.ts';

/** The project an `authorization` header opens, or null. */
export type Authorize = (header: string | undefined) => string | null | Promise<string | null>;

export interface ReceiverOptions {
  host: string;
  port: number;
  receive: Receive;
  authorize: Authorize;
  log: CollectorLog;
  /** Counts a request of which nothing was taken. */
  onRefused: (signal: Signal, refusal: Refusal) => void;
  /** Bytes of all bodies in memory at once. */
  maxInFlightBytes: number;
  ackTimeoutMs: number;
  limits?: Partial<BodyLimits>;
}

export interface Receiver {
  /** The port it listens on. */
  port: number;
  /** Stops taking requests and waits for those under way. */
  stop(): Promise<void>;
}

const signalByPath: Record<string, Signal | undefined> = {
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
  '/v1/metrics': 'metrics',
};

const contentTypes: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** What is left of a refused body is read and dropped for so long, so that the sender gets to see the answer. */
const lingerMs = 5_000;

/** The OTLP/HTTP receiver: `/v1/traces`, `/v1/logs` and `/v1/metrics`, protobuf and JSON. */
export async function startHttpReceiver(options: ReceiverOptions): Promise<Receiver> {
  const inFlight = { bytes: 0 };
  const limits = { ...defaultBodyLimits, ...options.limits };
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      void answer(request, response, options, limits, inFlight);
    },
  );
  server.maxConnections = 4096;
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
  limits: BodyLimits,
  inFlight: { bytes: number },
): Promise<void> {
  const encoding = encodingOf(request.headers['content-type']);
  const signal = signalByPath[(request.url ?? '').split('?', 1)[0]!];
  let held = 0;
  try {
    const headerProblem = checkHeaders(request, signal, encoding, limits);
    if (headerProblem || !signal || !encoding) {
      refuse(request, response, encoding ?? 'json', headerProblem!);
      if (signal) options.onRefused(signal, headerProblem!);
      return;
    }
    const projectId = await options.authorize(request.headers.authorization);
    if (projectId === null) {
      refuse(request, response, encoding, unauthorized);
      return;
    }
    if (inFlight.bytes + Number(request.headers['content-length'] ?? 0) > options.maxInFlightBytes)
      throw overloaded();
    const body = await readBody(request, contentEncoding(request), limits, bytes => {
      held += bytes;
      inFlight.bytes += bytes;
      return inFlight.bytes > options.maxInFlightBytes ? overloaded() : null;
    });
    const rejected = await within(
      options.receive({ signal, encoding, body, projectId }),
      options.ackTimeoutMs,
    );
    response.writeHead(200, { 'content-type': contentTypes[encoding] });
    response.end(exportResponse(signal, encoding, rejected));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.reason === 'internal_error') options.log.error({ error, signal }, 'could not take a request');
    if (signal) options.onRefused(signal, refusal);
    refuse(request, response, encoding ?? 'json', refusal);
  } finally {
    inFlight.bytes -= held;
  }
}

/** Everything that can be said before reading the body; null when it is worth reading. */
function checkHeaders(
  request: IncomingMessage,
  signal: Signal | undefined,
  encoding: Encoding | null,
  limits: BodyLimits,
): Refusal | null {
  if (!signal) {
    return refusal(404, rpcCode.notFound, 'use /v1/traces, /v1/logs or /v1/metrics', 'unknown_path');
  }
  if (request.method !== 'POST') return refusal(405, rpcCode.unimplemented, 'use POST', 'wrong_method');
  if (!encoding) {
    const message = 'content-type must be application/x-protobuf or application/json';
    return refusal(415, rpcCode.invalidArgument, message, 'unsupported_content_type');
  }
  const coding = contentEncoding(request);
  if (!canDecode(coding)) {
    return refusal(
      415,
      rpcCode.invalidArgument,
      `content-encoding ${coding} is not supported`,
      'unsupported_encoding',
    );
  }
  const maximum = coding === 'identity' ? limits.bytes : limits.compressedBytes;
  if (Number(request.headers['content-length'] ?? 0) > maximum) {
    return refusalOf(new BodyTooLarge(`the body is larger than ${maximum} bytes`));
  }
  return null;
}

function encodingOf(contentType: string | undefined): Encoding | null {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-protobuf' || type === 'application/protobuf' ? 'protobuf' : null;
}

function contentEncoding(request: IncomingMessage): string {
  return request.headers['content-encoding']?.trim().toLowerCase() || 'identity';
}

function refusal(httpStatus: number, code: number, message: string, reason: string): Refusal {
  return { httpStatus, rpcCode: code, message, reason };
}

const unauthorized = refusal(401, rpcCode.unauthenticated, 'an ingest key is needed', 'unauthorized');

function overloaded(): Overloaded {
  return new Overloaded('too many bytes are being received at the moment');
}

function refuse(request: IncomingMessage, response: ServerResponse, encoding: Encoding, why: Refusal): void {
  if (response.destroyed || response.headersSent) return;
  const headers: Record<string, string> = { 'content-type': contentTypes[encoding] };
  if (why.retryAfterS !== undefined) headers['retry-after'] = String(why.retryAfterS);
  if (why.httpStatus === 405) headers.allow = 'POST';
  if (why.httpStatus === 401) headers['www-authenticate'] = 'Bearer';
  const body = errorStatus(encoding, why.rpcCode, why.message);
  headers['content-length'] = String(body.length);
  if (!request.complete) headers.connection = 'close';
  response.writeHead(why.httpStatus, headers);
  if (request.complete) response.end(body);
  else response.write(body, () => endWhenRead(request, response));
}

/**
 * The end of the answer closes the connection, and closing it on a sender that is still writing would reset it before the
 * answer has been read. So the rest of the body is read and dropped first.
 */
function endWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const end = () => {
    clearTimeout(patience);
    response.end();
  };
  const patience = setTimeout(end, lingerMs).unref();
  request.once('end', end).once('close', end);
  request.resume();
}
