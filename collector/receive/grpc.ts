import {
  constants,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { exportResponse, rpcCode } from '../otlp/answer.ts';
import { type Signal, signals } from '../otlp/proto.ts';
import { canDecode } from './body.ts';
import { messageEncoding, readMessage } from './grpc-message.ts';
import { type WatchedSession, watchSession } from './grpc-session.ts';
import { statusHeaders } from './grpc-status.ts';
import { backlog, type Receiver, type ReceiverOptions } from './http.ts';
import { type Refusal, refusalOf, refuse, unauthorized, within } from './refusal.ts';

/** Calls at once on one connection. */
const maxStreams = 128;
/** What a client may send before we have read it, for one call and for all of a connection. */
const windowBytes = { call: 256 * 1024, session: 1024 * 1024 };
/** Requests under way get so long to end when we stop. */
const stopMs = 6_000;

/**
 * The OTLP/gRPC receiver: the Export method of the three collector services. Unary gRPC is a few headers and a five-byte
 * prefix on HTTP/2. It is spoken here directly, so that a body is counted and limited while it arrives, as with HTTP; a
 * gRPC library hands messages over when they are in memory already.
 */
export async function startGrpcReceiver(options: ReceiverOptions): Promise<Receiver> {
  const sessions = new Map<ServerHttp2Session, WatchedSession>();
  const http2 = createHttp2Server({
    settings: { maxConcurrentStreams: maxStreams, initialWindowSize: windowBytes.call, enablePush: false },
    maxHeaderListPairs: 64,
    maxSessionMemory: 64,
  });
  http2.on('stream', (stream, headers) => {
    const session = sessions.get(stream.session as ServerHttp2Session);
    session?.callBegins();
    void answer(stream, headers, options).then(wasTaken => session?.callEnds(wasTaken));
  });
  // A connection that breaks concerns nobody else.
  http2.on('sessionError', () => {});
  let arriving: Socket;
  http2.on('session', session => {
    sessions.set(session, watchSession(session, arriving, options.connections, options.timeouts));
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(windowBytes.session);
  });
  const server = createServer(socket => {
    if (!options.connections.admit(socket)) return;
    arriving = socket;
    http2.emit('connection', socket);
  });
  await listen(server, options.host, options.port);
  return { port: (server.address() as AddressInfo).port, stop: () => stop(server, sessions) };
}

function stop(server: Server, sessions: Map<ServerHttp2Session, WatchedSession>): Promise<void> {
  return new Promise(resolve => {
    const force = setTimeout(() => {
      for (const watched of sessions.values()) watched.destroy();
    }, stopMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    for (const session of sessions.keys()) session.close();
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const signalByPath = new Map(
  (Object.keys(signals) as Signal[]).map(signal => [`/${signals[signal].service}/Export`, signal]),
);

/** Resolves, always, with whether the request was taken. */
async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: ReceiverOptions,
): Promise<boolean> {
  // An error of the stream is noticed by whoever reads it.
  stream.on('error', () => {});
  const signal = signalByPath.get(headers[':path'] ?? '') ?? null;
  let projectId: string | null = null;
  try {
    const sender = await options.authorize(headers.authorization);
    projectId = sender?.projectId ?? null;
    const problem = checkHeaders(signal, headers) ?? (sender === null ? unauthorized : null);
    if (problem || !signal || !sender) {
      refuseCall(stream, problem ?? unauthorized, { signal, projectId }, options);
      return false;
    }
    const { gate, limits, timeouts } = options;
    const reading = { gate, sender, limits, requestMs: timeouts.requestMs };
    const { body, admission } = await readMessage(stream, messageEncoding(headers), reading);
    try {
      const received = options.receive({ signal, encoding: 'protobuf', body, projectId: sender.projectId });
      sendMessage(stream, exportResponse(signal, 'protobuf', await within(received, options.ackTimeoutMs)));
      return true;
    } finally {
      admission.end();
    }
  } catch (error) {
    refuseCall(stream, refusalOf(error, options.log), { signal, projectId }, options);
    return false;
  }
}

function checkHeaders(signal: Signal | null, headers: IncomingHttpHeaders): Refusal | null {
  if (headers[':method'] !== 'POST' || !/^application\/grpc($|\+|;)/.test(headers['content-type'] ?? '')) {
    return refuse(415, rpcCode.invalidArgument, 'this port is for OTLP over gRPC', 'no_grpc');
  }
  if (!signal) {
    return refuse(404, rpcCode.unimplemented, 'only the Export methods are served', 'unknown_path');
  }
  const encoding = messageEncoding(headers);
  if (canDecode(encoding)) return null;
  const message = `grpc-encoding ${encoding} is not supported`;
  return refuse(415, rpcCode.unimplemented, message, 'unsupported_encoding');
}

const answerHeaders = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': 'identity,gzip,deflate',
};

function sendMessage(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(answerHeaders, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}

/** What is left of a refused message is read and dropped for so long, so that the answer gets out before the end. */
const lingerMs = 1_000;

function refuseCall(
  stream: ServerHttp2Stream,
  why: Refusal,
  { signal, projectId }: { signal: Signal | null; projectId: string | null },
  { onRefused }: ReceiverOptions,
): void {
  onRefused({ signal, projectId, reason: why.reason, message: why.message });
  if (stream.destroyed || stream.headersSent) return;
  // gRPC is always 200; what is no gRPC at all would not find the status in our headers.
  const status = why.reason === 'no_grpc' ? why.httpStatus : 200;
  stream.respond({ ...answerHeaders, ...statusHeaders(why), ':status': status }, { endStream: true });
  stream.resume();
  const end = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs);
  stream.once('close', () => clearTimeout(end));
}
