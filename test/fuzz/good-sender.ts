import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import { chatSpan, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { seeded } from '../support/seeded.ts';

export interface GoodSenderData {
  otlpHttp: string;
  seconds: number;
  everyMs: number;
}

export interface GoodSenderReport {
  sent: number;
  acked: number;
  p50Ms: number;
  p99Ms: number;
  longestMs: number;
  /** What came instead of an acknowledgement, and how often; the same was then sent again. */
  failures: Record<string, number>;
}

/** Sends ten spans every so often from a thread of its own, and posts how long the acknowledgements took. */
export async function work({ otlpHttp, seconds, everyMs }: GoodSenderData, port: MessagePort): Promise<void> {
  const random = seeded(10);
  const agent = new Agent({ keepAlive: true });
  const ackedMs: number[] = [];
  const failures: Record<string, number> = {};
  const under: Promise<void>[] = [];
  const until = performance.now() + seconds * 1000;
  let sent = 0;
  for (let next = performance.now(); performance.now() < until; next += everyMs) {
    const spans = Array.from({ length: 10 }, () =>
      otlpSpan(chatSpan(random.hex(16), random.hex(8), 'steady')),
    );
    const body = jsonToProtobuf('traces', Buffer.from(JSON.stringify(traceRequest(spans, 'good-sender'))));
    const start = performance.now();
    sent++;
    under.push(
      sendUntilAcked(`${otlpHttp}/v1/traces`, body, agent, failures).then(isAcked => {
        if (isAcked) ackedMs.push(performance.now() - start);
      }),
    );
    await sleep(Math.max(0, next + everyMs - performance.now()));
  }
  await Promise.all(under);
  agent.destroy();
  ackedMs.sort((one, other) => one - other);
  const quantile = (q: number) => ackedMs[Math.ceil(q * ackedMs.length) - 1] ?? Number.NaN;
  const report: GoodSenderReport = {
    sent,
    acked: ackedMs.length,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    longestMs: quantile(1),
    failures,
  };
  port.postMessage({ report });
}

const tries = 20;
const backOffMs = 500;

/** As an exporter does it; every failure on the way is counted, and the time it takes as well. */
async function sendUntilAcked(
  url: string,
  body: Uint8Array,
  agent: Agent,
  failures: Record<string, number>,
): Promise<boolean> {
  for (let left = tries; left > 0; left--) {
    const outcome = await post(url, body, agent);
    if (outcome === '200') return true;
    failures[outcome] = (failures[outcome] ?? 0) + 1;
    await sleep(backOffMs);
  }
  return false;
}

/** The status, or why there is none. */
function post(url: string, body: Uint8Array, agent: Agent): Promise<string> {
  return new Promise(resolve => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const sent = request(url, { agent, method: 'POST', headers, timeout: 60_000 }, answer => {
      answer.resume().on('end', () => resolve(String(answer.statusCode)));
      answer.on('error', error => resolve(error.message));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 60 s')));
    sent.on('error', error => resolve(`${error.message}${sent.reusedSocket ? ' on a kept connection' : ''}`));
    sent.end(body);
  });
}
