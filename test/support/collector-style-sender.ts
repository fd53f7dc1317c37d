import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const pack = promisify(gzip);

/** What the OpenTelemetry Collector's `otlphttp` exporter does by default, as far as a receiver notices it. */
const retryable = new Set([429, 502, 503, 504]);
const backOff = { firstMs: 5000, longestMs: 30_000, factor: 1.5 };
const timeoutMs = 30_000;

export interface CollectorStyleOptions {
  /** Asked before every try. */
  endpoint: () => string;
  key?: string;
  /** Batches under way at once, each on a connection that is kept. */
  consumers?: number;
  /** How a wait is spent; tests may make it shorter. */
  sleep: (ms: number) => Promise<unknown>;
  /** Told after every try that did not end it: the status, or 0 without an answer, and how long it waits. */
  onRetry?: (retry: Retry) => void;
}

export interface Retry {
  status: number;
  waitMs: number;
  /** Whether the receiver said how long. */
  wasTold: boolean;
}

export interface Sent {
  accepted: number;
  /** Batches that were refused for good, with the status. */
  dropped: number[];
  tries: number;
  connections: number;
}

/**
 * Sends every batch (an uncompressed OTLP request in protobuf) with gzip over a few kept connections until it is accepted
 * or refused for good.
 */
export async function sendLikeACollector(
  batches: readonly Uint8Array[],
  options: CollectorStyleOptions,
): Promise<Sent> {
  const { consumers = 4 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: consumers });
  const waiting = batches.values();
  const sent: Sent = { accepted: 0, dropped: [], tries: 0, connections: 0 };
  const consume = async () => {
    for (const batch of waiting) await sendBatch(await pack(batch), agent, options, sent);
  };
  try {
    await Promise.all(Array.from({ length: consumers }, consume));
  } finally {
    agent.destroy();
  }
  return sent;
}

async function sendBatch(
  body: Buffer,
  agent: Agent,
  options: CollectorStyleOptions,
  sent: Sent,
): Promise<void> {
  for (
    let backOffMs = backOff.firstMs;
    ;
    backOffMs = Math.min(backOffMs * backOff.factor, backOff.longestMs)
  ) {
    sent.tries++;
    const { status, headers } = await post(body, agent, options, sent);
    if (status >= 200 && status < 300) {
      sent.accepted++;
      return;
    }
    if (status !== 0 && !retryable.has(status)) {
      sent.dropped.push(status);
      return;
    }
    const told = Number(headers['retry-after'] ?? Number.NaN) * 1000;
    const wasTold = Number.isFinite(told);
    const waitMs = wasTold ? told : backOffMs;
    options.onRetry?.({ status, waitMs, wasTold });
    await options.sleep(waitMs);
  }
}

function post(
  body: Buffer,
  agent: Agent,
  { endpoint, key }: CollectorStyleOptions,
  sent: Sent,
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise(resolve => {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'content-length': String(body.length),
      'user-agent': 'OpenTelemetry Collector Contrib/0.140.0 (linux/amd64)',
      ...(key && { authorization: `Bearer ${key}` }),
    };
    const options = { agent, method: 'POST', headers, timeout: timeoutMs };
    const sending = request(`${endpoint()}/v1/traces`, options, answer => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
      answer.on('error', () => resolve({ status: 0, headers: {} }));
    });
    sending.on('socket', () => {
      if (!sending.reusedSocket) sent.connections++;
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer in time')));
    sending.on('error', () => resolve({ status: 0, headers: {} }));
    sending.end(body);
  });
}
