import { constants, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';
import type { ReceiverTimeouts } from './http.ts';

/** More than a few pings closer together than this, with no call between them, end a session, as gRPC servers do. */
const pingEveryMs = 10_000;
/** Clients that ping exactly so often may be early by the jitter of the network. */
const pingJitterMs = 500;
const pingStrikes = 2;

/** How long a session that was told to end has for it. */
const closeMs = 1_000;

/**
 * Ends an HTTP/2 session that does not begin to speak, is idle for too long, or pings too often; and tells `connections`
 * whether a call is under way on it.
 */
export function watchSession(
  session: ServerHttp2Session,
  socket: Socket,
  connections: Connections,
  { headersMs, idleMs }: ReceiverTimeouts,
): void {
  let calls = 0;
  const close = () => {
    session.close();
    setTimeout(() => session.destroy(), closeMs).unref();
  };
  const silence = setTimeout(() => session.destroy(), headersMs);
  let idle = setTimeout(close, idleMs);
  // Before a client has sent its settings it has not even said that it speaks HTTP/2.
  session.once('remoteSettings', () => clearTimeout(silence));
  session.once('close', () => {
    clearTimeout(silence);
    clearTimeout(idle);
  });
  session.on('stream', stream => {
    calls++;
    clearTimeout(idle);
    connections.markBusy(socket);
    stream.once('close', () => {
      calls--;
      if (calls > 0 || session.destroyed) return;
      connections.markIdle(socket);
      idle = setTimeout(close, idleMs);
    });
  });
  limitPings(session);
}

function limitPings(session: ServerHttp2Session): void {
  let strikes = 0;
  let lastPingAtMs = Number.NEGATIVE_INFINITY;
  session.on('stream', () => {
    strikes = 0;
  });
  session.on('ping', () => {
    const nowMs = performance.now();
    strikes = nowMs - lastPingAtMs < pingEveryMs - pingJitterMs ? strikes + 1 : 0;
    lastPingAtMs = nowMs;
    if (strikes <= pingStrikes) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
    session.destroy();
  });
}
