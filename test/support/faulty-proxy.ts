import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to a request on its way: `lose-answer` does it and cuts the connection instead of answering. */
export type Fault = 'none' | 'refuse' | 'hang' | 'lose-answer' | { delayMs: number };

/** An HTTP server on a free loopback port that passes everything on to a real one, but for the fault it is told to have. */
export interface FaultyProxy {
  url: string;
  fault: Fault;
  /** Requests since the fault was last set by `become`. */
  requests: number;
  become(fault: Fault): void;
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const server = createServer((incoming, outgoing) => {
    proxy.requests += 1;
    void passOn(incoming, outgoing, proxy.fault, target);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: 'none',
    requests: 0,
    become(fault) {
      proxy.fault = fault;
      proxy.requests = 0;
      // Whoever hangs from before is let go, as when a server that was frozen is ended.
      server.closeAllConnections();
    },
    stop() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
  return proxy;
}

async function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault,
  target: string,
): Promise<void> {
  if (fault === 'refuse') return void incoming.socket.destroy();
  if (fault === 'hang') return;
  if (typeof fault === 'object') await sleep(fault.delayMs);
  const { method, headers, url = '/' } = incoming;
  const onward = request(new URL(url, target), { method, headers }, answer => {
    if (fault === 'lose-answer') {
      answer.resume().once('end', () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => incoming.socket.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}
