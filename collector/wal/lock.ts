import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Longest path a unix socket may have on Linux and macOS. */
const maxSocketPath = 100;

/**
 * Takes a folder for this process; returns how to give it back. Rejects when a living process has it. A socket instead of
 * a file with a process id: the kernel closes it however the process ends, and an id may by then be somebody else's.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = socketPath(dir);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(path);
    if (server) return () => new Promise(done => server.close(() => done()));
    if (await isAlive(path)) break;
    await unlink(path).catch(() => {});
  }
  throw new Error(`another collector is already running on ${dir}`);
}

function socketPath(dir: string): string {
  const path = join(resolve(dir), 'lock.sock');
  if (path.length <= maxSocketPath) return path;
  return join(tmpdir(), `driftline-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.sock`);
}

/** Null when the path is taken. */
function listen(path: string): Promise<Server | null> {
  return new Promise((done, reject) => {
    const server = createServer(socket => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      done(server);
    });
  });
}

function isAlive(path: string): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
