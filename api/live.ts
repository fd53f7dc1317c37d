import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { LiveEvents } from '#contract/live.ts';
import type { ApiLog } from './request-id.ts';
import { type Access, isAllowedHost, isAllowedOrigin, type Role, roleOf } from './security.ts';

export interface LiveSources {
  /** Changes whenever something was stored. */
  storedMark(): Promise<string>;
  /** A mark per incident that changes with it. */
  incidentMarks(): Promise<ReadonlyMap<string, string>>;
  nowMs(): number;
}

const POLL_MS = 500;

/**
 * Tells browsers to ask again; carries no data. Looks for news only while somebody listens. A page that connects is told
 * once to ask again, so that nothing falls between its first questions and the first look.
 */
export function startLive(http: HttpServer, sources: LiveSources, access: Access, log: ApiLog) {
  const io = new Server<Record<never, never>, LiveEvents>(http, {
    serveClient: false,
    allowRequest: ({ headers }, answer) => {
      answer(null, isAllowedHost(headers, access) && isAllowedOrigin(headers, access));
    },
  });
  io.use((socket, next) => {
    const { token } = socket.handshake.auth as { token?: unknown };
    const given = socket.handshake.headers.authorization ?? `Bearer ${String(token)}`;
    const role = roleOf(given, access);
    (socket.data as { role?: Role | null }).role = role;
    next(role === null ? new Error('Send the API key as auth.token.') : undefined);
  });

  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<void> = Promise.resolve();
  let mark: string | undefined;
  let incidents: ReadonlyMap<string, string> | undefined;
  let failing = false;

  const hint = () => ({ until: new Date(sources.nowMs()).toISOString() });

  async function poll(): Promise<void> {
    const [nextMark, nextIncidents] = await Promise.all([sources.storedMark(), sources.incidentMarks()]);
    if (mark !== nextMark) io.emit('data', hint());
    for (const [id, state] of nextIncidents) {
      if (incidents && incidents.get(id) !== state) io.to('alerts').emit('alert', { id });
    }
    mark = nextMark;
    incidents = nextIncidents;
  }

  function look(): void {
    polling = poll().then(
      () => {
        failing = false;
      },
      error => {
        if (!failing) log.warn({ err: error as Error }, 'cannot look for new data, will keep trying');
        failing = true;
      },
    );
    void polling.then(() => {
      if (timer) timer = io.engine.clientsCount > 0 ? setTimeout(look, POLL_MS) : undefined;
      // The next listener begins with a look of its own.
      if (!timer) mark = incidents = undefined;
    });
  }

  io.on('connection', socket => {
    // Who reads sums of money learns nothing of incidents.
    if ((socket.data as { role?: Role | null }).role === 'admin') void socket.join('alerts');
    // Between what the page has read and this moment something may have come; the first look says so itself.
    if (mark !== undefined) socket.emit('data', hint());
    timer ??= setTimeout(look, 0);
  });

  return {
    async stop(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      await polling;
      await io.close();
    },
  };
}
