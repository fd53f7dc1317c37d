import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const firstPort = 20_000;
const ports = 12_000;
/** Shares no factor with `ports`: processes of any 12,000 ids in a row begin at ports of their own, and far apart. */
const stride = 7_919;
/** Ids are told apart within one machine; containers that share its network may have the same ones. */
let asked = randomInt(100);

/**
 * A loopback port that is free now, outside the range the system hands to outgoing connections, so that
 * it stays ours over the second a restart takes. Several processes that look at the same moment, each of which would find the same
 * port free, look in different places. Falls back to any free port.
 */
export async function freeLoopbackPort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await tryPort(firstPort + ((process.pid * stride + asked++) % ports));
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
