import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  headers: IncomingHttpHeaders;
  id: string;
  body: string;
  /** The signature is right for the secret this receiver was given. */
  signed: boolean;
}

export interface WebhookReceiver {
  url: string;
  /** Every request so far, oldest first. */
  received: ReceivedEvent[];
  /** The secret to check signatures with. */
  secret: string;
  stop(): Promise<void>;
}

/** What to answer to the n-th request (from 0); `hang` never answers. */
export type Answers = (n: number) => number | 'hang' | { status: number; headers: Record<string, string> };

/** A real webhook receiver on a free loopback port that checks Standard Webhooks signatures by its own arithmetic. */
export async function startWebhookReceiver(answers: Answers = () => 204): Promise<WebhookReceiver> {
  const received: ReceivedEvent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const n = received.length;
      received.push({
        headers: request.headers,
        id: String(request.headers['webhook-id']),
        body,
        signed: isSigned(request.headers, body, receiver.secret),
      });
      answer(response, answers(n));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    secret: '',
    stop() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
  return receiver;
}

function answer(response: ServerResponse, wanted: ReturnType<Answers>): void {
  if (wanted === 'hang') return;
  const { status, headers } = typeof wanted === 'number' ? { status: wanted, headers: {} } : wanted;
  response.writeHead(status, headers).end();
}

function isSigned(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return headers['webhook-signature'] === expected;
}
