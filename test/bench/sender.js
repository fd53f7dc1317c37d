// A sender in its own process: `connections` requests under way at a time, or a fixed rate. Reports every second to its
// parent how many spans were acknowledged and how long each acknowledgement took.
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { renew, requestTemplate } from './request-template.js';

const { endpoint, spansPerRequest, connections, spansPerSecond, seconds, seed } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const random = mulberry32(seed);
const templates = Array.from({ length: connections }, (_, index) =>
  requestTemplate(spansPerRequest, `shop-${index % 4}`, random),
);
const endMs = Date.now() + seconds * 1000;
let acked = 0;
let refused = 0;
let ackMs = [];

parentPort.postMessage({ bytesPerSpan: templates[0].body.length / templates[0].spans });
const reporter = setInterval(report, 1000);
await Promise.all(
  templates.map((template, lane) => (spansPerSecond ? paced(template, lane) : flatOut(template))),
);
clearInterval(reporter);
report();
parentPort.postMessage({ done: true });
agent.destroy();

async function flatOut(template) {
  while (Date.now() < endMs) await sendOnce(template);
}

async function paced(template, lane) {
  const everyMs = (template.spans * connections * 1000) / spansPerSecond;
  let nextMs = Date.now() + (lane * everyMs) / connections;
  while (nextMs < endMs) {
    await new Promise(resolve => setTimeout(resolve, Math.max(0, nextMs - Date.now())));
    nextMs += everyMs;
    await sendOnce(template);
  }
}

async function sendOnce(template) {
  const body = renew(template, Date.now());
  const from = performance.now();
  const status = await post(body).catch(() => 0);
  if (status === 200) {
    acked += template.spans;
    ackMs.push(performance.now() - from);
  } else {
    refused++;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

function post(body) {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${endpoint}/v1/traces`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
      },
      answer => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function report() {
  parentPort.postMessage({ acked, refused, ackMs });
  ackMs = [];
}

/** Small seeded generator (public domain, T. Ettinger). */
function mulberry32(state) {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
