import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { CollectorLog } from '../hooks.ts';
import { errorStatus, exportResponse, rpcCode } from '../otlp/answer.ts';
import type { Encoding } from '../otlp/decode.ts';
import type { Signal } from '../otlp/proto.ts';
import { type Admission, admit, type Gate } from './admission.ts';
import { type BodyLimits, BodyTooLarge, canDecode, readBody } from './body.ts';
import type { Connections } from './connections.ts';
import type { Receive } from './intake.ts';
import { answerLangfuse, isLangfusePath, langfuseTracesPath, openAnswer } from './langfuse.ts';
import {
  type Refusal,
  type Refused,
  RequestTooSlow,
  refusalOf,
  refuse,
  unauthorized,
  within,
} from './refusal.ts';
import type { Authorize, Sender } from './sender.ts';

/** How long a connection may take for each step; what takes longer is closed. */
export interface ReceiverTimeouts {
  /** From the beginning of a request, or of the connection, to the end of its headers. */
  headersMs: number;
  /** To the end of its body. */
  requestMs: number;
  /** Between two requests. */
  idleMs: number;
}

export const defaultTimeouts: ReceiverTimeouts = { headersMs: 10_000, requestMs: 30_000, idleMs: 65_000 };

export interface ReceiverOptions {
  host: string;
  port: number;
  receive: Receive;
  authorize: Authorize;
  log: CollectorLog;
  /** Counts what was refused whole. */
  onRefused: (refused: Refused) => void;
  /** These two are shared by all receivers. */
  gate: Gate;
  connections: Connections;
  ackTimeoutMs: number;
  limits: BodyLimits;
  timeouts: ReceiverTimeouts;
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
  [langfuseTracesPath]: 'traces',
};

const contentTypes: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** What is left of a refused body is read and dropped for so long, so that the sender gets to see the answer. */
const lingerMs = 5_000;
/** Requests under way get so long to end when we stop. */
const stopMs = 6_000;

/**
 * The OTLP/HTTP receiver: `/v1/traces`, `/v1/logs` and `/v1/metrics`, protobuf and JSON; and what the SDKs of Langfuse call,
 * see langfuse.ts.
 */
export async function startHttpReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { headersMs, requestMs, idleMs } = options.timeouts;
  const timeouts = { headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: idleMs };
  const server = createServer(
    // Node looks for connections that are too slow only so often.
    { ...timeouts, connectionsCheckingInterval: Math.ceil(headersMs / 10), maxHeaderSize: 16 * 1024 },
    (request, response) => {
      options.connections.markBusy(request.socket);
      response.once('close', () => options.connections.markIdle(request.socket));
      void answer(request, response, options);
    },
  );
  server.on('connection', socket => options.connections.admit(socket));
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket as Socket, options));
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise(resolve => {
        const force = setTimeout(() => server.closeAllConnections(), stopMs);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** Connections that wait to be admitted. With Node's default, a rush of 512 makes the next ones try again a second later. */
export const backlog = 4096;

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A request under way, as far as it is understood. */
interface Reading {
  signal: Signal | undefined;
  /** Method and path, when it is not OTLP but one of the calls in langfuse.ts. */
  call: string | null;
  encoding: Encoding | null;
  sender: Sender | null;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0]!;
  const call = isLangfusePath(path) ? `${request.method} ${path}` : null;
  const encoding = call === null ? encodingOf(request.headers['content-type']) : 'json';
  const signal = call === null ? signalByPath[path] : 'logs';
  const reading: Reading = { signal, call, encoding, sender: null };
  let admission: Admission | null = null;
  const limits = call === null ? options.limits : smallBody(options.limits);
  const refuseIt = (why: Refusal) => {
    const { reason, message } = why;
    options.onRefused({
      signal: signal ?? null,
      projectId: reading.sender?.projectId ?? null,
      reason,
      message,
    });
    sendRefusal(request, response, encoding ?? 'json', why);
  };
  const open = call && openAnswer(call);
  if (open) {
    sendJson(response, open);
    return;
  }
  try {
    // Also for what is refused anyway: it is counted in the project of its sender.
    reading.sender = await options.authorize(request.headers.authorization);
    const problem = checkHeaders(request, reading, limits) ?? (reading.sender === null ? unauthorized : null);
    if (problem || !signal || !encoding || !reading.sender) {
      refuseIt(problem ?? unauthorized);
      return;
    }
    const { sender } = reading;
    const bytes = Number(request.headers['content-length'] ?? 0);
    admission = admit(options.gate, sender, bytes);
    // JSON becomes protobuf, in memory of its own.
    const announced = { encoding: contentEncoding(request), bytes: encoding === 'protobuf' ? bytes : 0 };
    const { body, release } = await readBody(request, announced, limits, admission.hold);
    if (call !== null) {
      sendJson(response, await within(answerCall(call, sender, body, options), options.ackTimeoutMs));
      return;
    }
    const received = options.receive({ signal, encoding, body, projectId: sender.projectId });
    // Also when the sender was told that it takes too long: until then the log may be writing it.
    received.then(release, release);
    const rejected = await within(received, options.ackTimeoutMs);
    response.writeHead(200, { 'content-type': contentTypes[encoding] });
    response.end(exportResponse(signal, encoding, rejected));
  } catch (error) {
    refuseIt(refusalOf(tooSlow.get(request.socket) ?? error, options.log));
  } finally {
    admission?.end();
  }
}

/** For bodies that become objects, which may be fifty times as large; the SDKs of Langfuse send at most 3.5 MB. */
function smallBody(limits: BodyLimits): BodyLimits {
  const most = 8 * 1024 * 1024;
  return {
    ...limits,
    bytes: Math.min(most, limits.bytes),
    compressedBytes: Math.min(most, limits.compressedBytes),
  };
}

function answerCall(call: string, { projectId }: Sender, body: Buffer, options: ReceiverOptions) {
  const onRefused = (message: string) =>
    options.onRefused({ signal: 'logs', projectId, reason: 'invalid_score', message });
  return answerLangfuse(options.receive, {
    call,
    projectId,
    body,
    receivedAtMs: options.gate.now(),
    onRefused,
  });
}

/** Everything that can be said before reading the body; null when it is worth reading. */
function checkHeaders(
  request: IncomingMessage,
  { signal, call, encoding }: Reading,
  limits: BodyLimits,
): Refusal | null {
  if (!signal) {
    return refuse(404, rpcCode.notFound, 'use /v1/traces, /v1/logs or /v1/metrics', 'unknown_path');
  }
  if (call === null && request.method !== 'POST')
    return refuse(405, rpcCode.unimplemented, 'use POST', 'wrong_method');
  if (!encoding) {
    const message = 'content-type must be application/x-protobuf or application/json';
    return refuse(415, rpcCode.invalidArgument, message, 'unsupported_content_type');
  }
  const coding = contentEncoding(request);
  if (!canDecode(coding)) {
    const message = `content-encoding ${coding} is not supported`;
    return refuse(415, rpcCode.invalidArgument, message, 'unsupported_encoding');
  }
  const maximum = coding === 'identity' ? limits.bytes : limits.compressedBytes;
  if (Number(request.headers['content-length'] ?? 0) > maximum) {
    const { message } = new BodyTooLarge(`the body is larger than ${maximum} bytes`);
    return refuse(413, rpcCode.resourceExhausted, message, 'body_too_large');
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

function sendJson(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  response.writeHead(status, { 'content-type': contentTypes.json });
  response.end(JSON.stringify(body));
}

function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: Encoding,
  why: Refusal,
): void {
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

/** Connections that are being closed while their body is read, which sees no more than that they break. */
const tooSlow = new WeakMap<Socket, RequestTooSlow>();

const unreadable: Record<string, [status: string, reason: string] | undefined> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_too_slow'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large'],
};

/** What does not even become a request: no HTTP, headers without end, nothing within the time. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket, options: ReceiverOptions): void {
  const isLost = error.code === 'ECONNRESET' || error.code === 'EPIPE';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') tooSlow.set(socket, new RequestTooSlow(error.message));
  // While a body is being read its reader says what happened.
  if (socket.writable && !isLost && !options.connections.isBusy(socket)) {
    const [status, reason] = unreadable[error.code ?? ''] ?? ['400 Bad Request', 'no_http'];
    // A connection that was opened and left alone has sent nothing that could be refused.
    if (socket.bytesRead > 0) {
      options.onRefused({ signal: null, projectId: null, reason, message: error.message });
    }
    const body = errorStatus('json', rpcCode.invalidArgument, status.slice(4));
    const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
    socket.write(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body.toString()}`);
  }
  socket.destroy();
}
