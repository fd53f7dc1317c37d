import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MalformedBody } from '../otlp/wire.ts';
import type { Receive } from './intake.ts';
import { BadScore, readScore, type ScoreRecord } from './langfuse-score.ts';

/** Where the SDKs of Langfuse send their spans: plain OTLP over HTTP. */
export const langfuseTracesPath = '/api/public/otel/v1/traces';

/** An answer of JSON. */
export interface LangfuseAnswer {
  status: number;
  body: object;
}

interface LangfuseRequest {
  /** Method and path, e.g. `POST /api/public/ingestion`. */
  call: string;
  projectId: string;
  body: Uint8Array;
  receivedAtMs: number;
  /** Counts a score or event that was not even tried. */
  onRefused: (message: string) => void;
}

type Answering = (receive: Receive, request: LangfuseRequest) => Promise<LangfuseAnswer> | LangfuseAnswer;

const calls: Record<string, Answering | undefined> = {
  'GET /api/public/projects': (_, { projectId }) => ({ status: 200, body: projects(projectId) }),
  'POST /api/public/ingestion': ingestBatch,
  'POST /api/public/scores': createScores,
};

/** Whether a path belongs to the public API of Langfuse, spans excepted. */
export function isLangfusePath(path: string): boolean {
  return path.startsWith('/api/public/') && path !== langfuseTracesPath;
}

/** What may be asked without a key. */
export function openAnswer(call: string): LangfuseAnswer | null {
  return call === 'GET /api/public/health'
    ? { status: 200, body: { status: 'OK', version: 'driftline' } }
    : null;
}

/**
 * Answers a call of a Langfuse SDK. What is answered as taken is on stable storage. Throws what `receive` throws, and
 * MalformedBody for what is no JSON of the expected shape; then nothing was taken.
 */
export async function answerLangfuse(receive: Receive, request: LangfuseRequest): Promise<LangfuseAnswer> {
  const answer = calls[request.call];
  return answer ? answer(receive, request) : problem(404, `${request.call} is not supported: ${supported}`);
}

const supported = `send spans to ${langfuseTracesPath} and scores to /api/public/ingestion or /api/public/scores`;

/** An error as the SDKs expect it. */
export function problem(status: number, message: string): LangfuseAnswer {
  return { status, body: { message, error: names[status] ?? 'Error' } };
}

const names: Record<number, string> = {
  400: 'InvalidRequestError',
  401: 'UnauthorizedError',
  404: 'NotFound',
};

/** `auth_check()` of the Python SDK wants to see one. */
function projects(projectId: string): object {
  const organization = { id: 'driftline', name: 'Driftline' };
  return { data: [{ id: projectId, name: projectId, organization, metadata: {} }] };
}

const batchSchema = z.object({ batch: z.array(z.unknown()) });
const eventSchema = z.object({
  id: z.string().max(255),
  type: z.string(),
  timestamp: z.string().nullish(),
  body: z.unknown(),
});

/** A batch of events: each is taken or refused by itself. */
async function ingestBatch(receive: Receive, request: LangfuseRequest): Promise<LangfuseAnswer> {
  const { batch } = parse(batchSchema, request.body);
  const read = batch.map(event => readEvent(event, request.receivedAtMs));
  const outcomes = await store(
    receive,
    request,
    read.map(({ score }) => score),
  );
  const successes: object[] = [];
  const errors: object[] = [];
  for (const [at, { id }] of read.entries()) {
    const why = outcomes[at];
    if (why === null) successes.push({ id, status: 201 });
    else errors.push({ id, status: 400, message: why, error: names[400] });
  }
  return { status: 207, body: { successes, errors } };
}

/** Null for what is agreed to and thrown away. */
type Read = ScoreRecord | BadScore | null;

function readEvent(event: unknown, receivedAtMs: number): { id: string; score: Read } {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return { id: idOf(event), score: new BadScore('not an event with id, type and body') };
  const { id, type, timestamp = null, body } = parsed.data;
  if (type === 'score-create') return { id, score: read(body, { fallbackId: id, timestamp, receivedAtMs }) };
  // Debugging notes of the SDK.
  if (type === 'sdk-log') return { id, score: null };
  const why = `${type.slice(0, 100)} is not supported, send spans by OTLP to ${langfuseTracesPath}`;
  return { id, score: new BadScore(why) };
}

function idOf(event: unknown): string {
  const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : '';
  return typeof id === 'string' ? id.slice(0, 255) : '';
}

const scoresSchema = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

/** One score (answered with its id) or, as the Python SDK sends them since version 5, a list. */
async function createScores(receive: Receive, request: LangfuseRequest): Promise<LangfuseAnswer> {
  const given = parse(scoresSchema, request.body);
  const { receivedAtMs } = request;
  const scores = (Array.isArray(given) ? given : [given]).map(body =>
    read(body, { fallbackId: randomUUID(), timestamp: null, receivedAtMs }),
  );
  const outcomes = await store(receive, request, scores);
  const errors = outcomes.filter(why => why !== null).map(message => ({ message }));
  if (!Array.isArray(given)) {
    return errors[0]
      ? problem(400, errors[0].message)
      : { status: 200, body: { id: (scores[0] as ScoreRecord).id } };
  }
  if (errors.length === 0) return { status: 202, body: { message: 'Accepted' } };
  return { status: 207, body: { accepted: scores.length - errors.length, rejected: errors.length, errors } };
}

function read(body: unknown, envelope: Parameters<typeof readScore>[1]): ScoreRecord | BadScore {
  try {
    return readScore(body, envelope);
  } catch (error) {
    if (error instanceof BadScore) return error;
    throw error;
  }
}

function parse<T>(schema: z.ZodType<T>, body: Uint8Array): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new MalformedBody(`the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MalformedBody(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not the expected shape'}`);
}

/** Makes the good ones durable as log records. For each, null or why it was refused. */
async function store(
  receive: Receive,
  { projectId, onRefused }: LangfuseRequest,
  scores: readonly Read[],
): Promise<(string | null)[]> {
  const send = async (records: ScoreRecord[]) => {
    const body = Buffer.from(JSON.stringify(logsRequest(records)));
    const rejected = await receive({ signal: 'logs', encoding: 'json', body, projectId });
    return rejected[0]?.reason ?? null;
  };
  const good = scores.filter(isGood);
  const refused = good.length > 0 && (await send(good)) !== null;
  // Which one it was is found out one by one; a score that is sent again is the same score.
  return Promise.all(
    scores.map(score => {
      if (score instanceof BadScore) onRefused(score.message);
      if (!isGood(score)) return score === null ? null : score.message;
      return refused ? send([score]) : null;
    }),
  );
}

function isGood(score: Read): score is ScoreRecord {
  return score !== null && !(score instanceof BadScore);
}

/** Scores as an OTLP/JSON request for logs, one resource for each environment. */
function logsRequest(scores: ScoreRecord[]): object {
  const byEnvironment = new Map<string, object[]>();
  const latest = new Map<string, bigint>();
  for (const { id, name, environment, timeNs, record } of scores) {
    // Two of one id may bear the same millisecond; the one behind in the list is the newer.
    const key = JSON.stringify([name, id]);
    const before = latest.get(key);
    const time = before === undefined || before < timeNs ? timeNs : before + 1000n;
    latest.set(key, time);
    const records = byEnvironment.get(environment) ?? [];
    byEnvironment.set(environment, records);
    records.push(record(time));
  }
  const resourceLogs = [...byEnvironment].map(([environment, logRecords]) => ({
    resource: { attributes: environment === '' ? [] : [environmentAttribute(environment)] },
    scopeLogs: [{ scope: { name: 'langfuse' }, logRecords }],
  }));
  return { resourceLogs };
}

function environmentAttribute(environment: string): object {
  return { key: 'deployment.environment.name', value: { stringValue: environment } };
}
