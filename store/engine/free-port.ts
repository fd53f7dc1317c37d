import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A loopback port that is free now, outside the range the system hands to outgoing connections, so that
 * it stays ours over the second a restart takes. Falls back to any free port.
 */
export async function freeLoopbackPort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await tryPort(randomInt(20_000, 32_000));
    if (port !== null) return port;
  }
  const port = await tryPort(0);
  if (port === null) throw new Error('no free TCP port on 127.0.0.1');
  return port;
}

function tryPort(wanted: number): Promise<number | null> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
