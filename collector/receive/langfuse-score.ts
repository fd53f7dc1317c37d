import { z } from 'zod';
import { scoreIdAttribute } from '../request/scores.ts';

/** A score that cannot be taken; the message says why. */
export class BadScore extends Error {
  override name = 'BadScore';
}

/** The ids are the hex ids of OpenTelemetry; older SDKs made up their own, which no span of ours can have. */
const hexId = (digits: number, what: string) =>
  z
    .string()
    .toLowerCase()
    .refine(
      id => id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id),
      `${what} must be the ${digits} hex digits of a span that was sent by OTLP`,
    );

const text = (maximum: number) => z.string().max(maximum).nullish();

/** `body` of a `score-create` item, and of POST /api/public/scores. */
const langfuseScore = z.object({
  id: z.string().min(1).max(255).nullish(),
  name: z.string().min(1).max(128),
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
  dataType: z.enum(['NUMERIC', 'BOOLEAN', 'CATEGORICAL', 'TEXT', 'CORRECTION']).nullish(),
  comment: text(8192),
  traceId: hexId(32, 'traceId').nullish(),
  observationId: hexId(16, 'observationId').nullish(),
  sessionId: text(256),
  environment: text(256),
  configId: text(255),
  metadata: z.unknown(),
  timestamp: z.string().nullish(),
});
type LangfuseScore = z.output<typeof langfuseScore>;

/** A score as an OTLP/JSON log record, and what is needed to send it. */
export interface ScoreRecord {
  id: string;
  name: string;
  environment: string;
  timeNs: bigint;
  record: (timeNs: bigint) => object;
}

interface Envelope {
  /** Id to use when the score has none of its own. */
  fallbackId: string;
  /** When the event was made; the score's own time goes before it. */
  timestamp: string | null;
  receivedAtMs: number;
}

/** Reads one score; throws BadScore. */
export function readScore(body: unknown, envelope: Envelope): ScoreRecord {
  const parsed = langfuseScore.safeParse(body);
  if (!parsed.success) throw new BadScore(parsed.error.issues.map(describeIssue).join('; '));
  const score = parsed.data;
  if (score.observationId && !score.traceId) throw new BadScore('an observationId needs its traceId');
  if (!score.traceId && !score.sessionId) {
    throw new BadScore('name what is judged: traceId (with observationId) or sessionId');
  }
  const id = score.id ?? envelope.fallbackId;
  const attributes = [...attributesOf(score, id), ...verdictOf(score)];
  return {
    id,
    name: score.name,
    environment: score.environment ?? '',
    timeNs: timeOf(score.timestamp ?? envelope.timestamp, envelope),
    record: timeNs => ({
      timeUnixNano: timeNs.toString(),
      eventName: 'gen_ai.evaluation.result',
      traceId: score.traceId ?? '',
      spanId: score.observationId ?? '',
      attributes,
    }),
  };
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return path.length > 0 ? `${path.join('.')}: ${message}` : message;
}

function timeOf(timestamp: string | null, { receivedAtMs }: Envelope): bigint {
  if (timestamp === null) return BigInt(receivedAtMs) * 1_000_000n;
  const ms = Date.parse(timestamp);
  if (Number.isNaN(ms)) throw new BadScore(`timestamp "${timestamp.slice(0, 100)}" is no ISO 8601 time`);
  const belowMs = /\.\d{3}(\d{1,6})/.exec(timestamp)?.[1] ?? '';
  return BigInt(ms) * 1_000_000n + BigInt(belowMs.padEnd(6, '0'));
}

interface KeyValue {
  key: string;
  value: { stringValue: string } | { doubleValue: number };
}

const string = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

function attributesOf(score: LangfuseScore, id: string): KeyValue[] {
  const { name, sessionId, metadata, configId, dataType } = score;
  return [
    string('gen_ai.evaluation.name', name),
    string(scoreIdAttribute, id),
    ...(sessionId ? [string('session.id', sessionId)] : []),
    ...(dataType ? [string('langfuse.score.data_type', dataType)] : []),
    ...(configId ? [string('langfuse.score.config_id', configId)] : []),
    ...(metadata == null ? [] : [string('langfuse.score.metadata', writeJson(metadata))]),
  ];
}

function writeJson(metadata: unknown): string {
  try {
    return JSON.stringify(metadata);
  } catch (cause) {
    throw new BadScore('metadata is nested too deep', { cause });
  }
}

/** Numbers become the value and words the label. A value of null says that there is none, which is not 0. */
function verdictOf(score: LangfuseScore): KeyValue[] {
  const { value, comment } = score;
  const explanation = comment ? [string('gen_ai.evaluation.explanation', comment)] : [];
  if (value === undefined) throw new BadScore('value is missing');
  if (value === null) return explanation;
  const type = score.dataType ?? inferredType(value);
  switch (type) {
    case 'NUMERIC':
      if (typeof value !== 'number') throw new BadScore('the value of a NUMERIC score must be a number');
      return [number(value), ...explanation];
    case 'BOOLEAN': {
      const truth = Number(value);
      if (typeof value === 'string' || (truth !== 0 && truth !== 1)) {
        throw new BadScore('the value of a BOOLEAN score must be 0 or 1');
      }
      return [number(truth), label(truth === 1 ? 'true' : 'false'), ...explanation];
    }
    case 'CATEGORICAL':
      if (typeof value !== 'string') throw new BadScore('the value of a CATEGORICAL score must be a string');
      if (value.length > 256) throw new BadScore('a category has at most 256 characters');
      return [label(value), ...explanation];
    case 'TEXT': {
      if (typeof value !== 'string') throw new BadScore('the value of a TEXT score must be a string');
      return [string('gen_ai.evaluation.explanation', comment ? `${value}\n\n${comment}` : value)];
    }
    default:
      throw new BadScore(`scores of type ${type} are not supported`);
  }
}

const number = (value: number): KeyValue => ({
  key: 'gen_ai.evaluation.score.value',
  value: { doubleValue: value },
});
const label = (value: string) => string('gen_ai.evaluation.score.label', value);

function inferredType(value: number | string | boolean) {
  if (typeof value === 'boolean') return 'BOOLEAN';
  return typeof value === 'number' ? 'NUMERIC' : 'CATEGORICAL';
}
