import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../support/seeded.ts';
import type { HttpInput, NetworkInput, RawInput } from './requests.ts';
import { NetworkInputs } from './requests.ts';

export interface NetworkTarget {
  /** `http://host:port` */
  otlpHttp: string;
  /** `host:port` */
  otlpGrpc: string;
}

export interface NetworkReport {
  runs: number;
  /** How often each status was the answer; 0 = the connection ended without one. */
  statuses: Record<number, number>;
  outcomes: number;
}

/** Answers that are fine. 500 never is, and neither is 503 for a mistake of our own. */
const expected = new Set([200, 201, 207, 400, 401, 404, 405, 408, 411, 413, 415, 417, 429, 431, 503]);
const ourMistake = /\(error [0-9a-f]{8}\)/;
const patienceMs = 60_000;
const rawPatienceMs = 300;
/** However slow the machine is. */
const leastRuns = 101;

interface Outcome {
  status: number;
  text: string;
}

/** Feeds a running receiver with hostile requests over several connections until the time is over. */
export async function fuzzNetwork(
  target: NetworkTarget,
  { seed, until, lanes }: { seed: number; until: number; lanes: number },
  onFinding: (input: NetworkInput, error: string) => void,
): Promise<NetworkReport> {
  const inputs = new NetworkInputs(seeded(seed));
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const report: NetworkReport = { runs: 0, statuses: {}, outcomes: 0 };
  const outcomes = new Set<string>();
  const lane = async () => {
    while (performance.now() < until || report.runs < leastRuns) {
      const input = inputs.next();
      report.runs++;
      const { status, text } = await send(input, target, agent);
      report.statuses[status] = (report.statuses[status] ?? 0) + 1;
      const problem = problemOf(input, status, text);
      if (problem) onFinding(input, problem);
      const outcome = `${input.kind} ${status} ${text.replace(/[^a-z ]+/gi, '#').slice(0, 120)}`;
      if (outcomes.has(outcome)) continue;
      outcomes.add(outcome);
      inputs.keep(input);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();
  return { ...report, outcomes: outcomes.size };
}

/** One input by itself; what is wrong with the answer, if anything. */
export async function tryOne(input: NetworkInput, target: NetworkTarget): Promise<string | null> {
  const agent = new Agent();
  const { status, text } = await send(input, target, agent);
  agent.destroy();
  return problemOf(input, status, text);
}

function send(input: NetworkInput, target: NetworkTarget, agent: Agent): Promise<Outcome> {
  return input.kind === 'http' ? exchange(input, target, agent) : pour(input, target);
}

function problemOf({ kind }: NetworkInput, status: number, text: string): string | null {
  if (status === 0) return kind === 'http' ? `no answer: ${text}` : null;
  if (!expected.has(status)) return `answered ${status}: ${text.slice(0, 500)}`;
  return ourMistake.test(text) ? `a mistake of ours: ${text.slice(0, 500)}` : null;
}

/** A request as any client makes it: it must be answered. */
function exchange(
  { path, headers, body }: HttpInput,
  { otlpHttp }: NetworkTarget,
  agent: Agent,
): Promise<Outcome> {
  return new Promise(resolve => {
    const options = { agent, method: 'POST', headers, timeout: patienceMs };
    const sent = request(`${otlpHttp}${path}`, options, answer => {
      let text = '';
      answer.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      const done = () => resolve({ status: answer.statusCode ?? 0, text });
      answer.on('end', done).on('error', done);
    });
    sent.on('timeout', () => sent.destroy(new Error(`nothing within ${patienceMs} ms`)));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection may have been closed at the moment it was used again, as HTTP allows.
      if (sent.reusedSocket && error.code === 'ECONNRESET')
        resolve({ status: 200, text: 'connection was closed' });
      else resolve({ status: 0, text: error.message });
    });
    sent.end(body);
  });
}

/** Bytes as they are; whatever comes back, if anything does. */
async function pour({ kind, pieces }: RawInput, { otlpHttp, otlpGrpc }: NetworkTarget): Promise<Outcome> {
  const { hostname, port } = new URL(kind === 'raw-http' ? otlpHttp : `http://${otlpGrpc}`);
  const socket = connect(Number(port), hostname);
  let text = '';
  const ended = new Promise(resolve => socket.once('close', resolve));
  socket.setEncoding('latin1').on('data', (part: string) => {
    text = (text + part).slice(0, 4000);
  });
  socket.on('error', () => {});
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await sleep(1);
  }
  socket.end();
  await Promise.race([ended, sleep(rawPatienceMs)]);
  socket.destroy();
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}
