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

/** A session with the calls that are under way on it. */
export interface WatchedSession {
  callBegins(): void;
  /** When it has been answered: whether its stream then ends is up to the peer, and a broken peer never lets it. */
  callEnds(wasTaken: boolean): void;
  /** At once, whatever is under way. */
  destroy(): void;
}

/**
 * Ends an HTTP/2 session that does not begin to speak, is idle for too long, or pings too often; and tells `connections`
 * whether a call is under way on it. None of this may depend on the session noticing that the peer is gone: after a
 * protocol error Node does not read from it any more.
 */
export function watchSession(
  session: ServerHttp2Session,
  socket: Socket,
  connections: Connections,
  { headersMs, idleMs }: ReceiverTimeouts,
): WatchedSession {
  let calls = 0;
  // Who never sent anything good need not be waited for as long as a sender that pauses.
  let patienceMs = Math.min(headersMs, idleMs);
  const destroy = () => {
    session.destroy();
    socket.destroy();
  };
  const close = () => {
    session.close();
    setTimeout(destroy, closeMs).unref();
  };
  const silence = setTimeout(destroy, headersMs);
  let idle = setTimeout(close, patienceMs);
  // Before a client has sent its settings it has not even said that it speaks HTTP/2.
  session.once('remoteSettings', () => clearTimeout(silence));
  socket.once('close', () => {
    clearTimeout(silence);
    clearTimeout(idle);
  });
  limitPings(session, destroy);
  return {
    destroy,
    callBegins() {
      calls++;
      clearTimeout(idle);
      connections.markBusy(socket);
    },
    callEnds(wasTaken) {
      calls--;
      if (wasTaken) patienceMs = idleMs;
      if (calls > 0 || socket.destroyed) return;
      connections.markIdle(socket);
      idle = setTimeout(close, patienceMs);
    },
  };
}

function limitPings(session: ServerHttp2Session, destroy: () => void): void {
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
    destroy();
  });
}
