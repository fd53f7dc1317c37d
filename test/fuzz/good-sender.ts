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
}

/** Sends ten spans every so often from a thread of its own, and posts how long the acknowledgements took. */
export async function work({ otlpHttp, seconds, everyMs }: GoodSenderData, port: MessagePort): Promise<void> {
  const random = seeded(10);
  const agent = new Agent({ keepAlive: true });
  const ackedMs: number[] = [];
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
      post(`${otlpHttp}/v1/traces`, body, agent).then(status => {
        if (status === 200) ackedMs.push(performance.now() - start);
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
  };
  port.postMessage({ report });
}

function post(url: string, body: Uint8Array, agent: Agent): Promise<number> {
  return new Promise(resolve => {
    const headers = { 'content-type': 'application/x-protobuf' };
    const sent = request(url, { agent, method: 'POST', headers, timeout: 10_000 }, answer => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', () => resolve(0));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}
