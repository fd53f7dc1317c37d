import { setTimeout as sleep } from 'node:timers/promises';
import { jsonToProtobuf } from '#collector/otlp/json.ts';
import { protobufToJson } from '#collector/otlp/to-json.ts';
import type { CapturedBody } from './captures.ts';

type Json = Record<string, unknown>;

/** The request as JSON, whatever it came as. */
export function asJson({ signal, encoding, body }: CapturedBody): Json {
  return encoding === 'json'
    ? (JSON.parse(body.toString('utf8')) as Json)
    : (protobufToJson(signal, body) as Json);
}

/** The same request in the other encoding; JSON becomes protobuf and protobuf JSON. */
export function reencoded(captured: CapturedBody): CapturedBody {
  const json = Buffer.from(JSON.stringify(asJson(captured)));
  if (captured.encoding === 'protobuf') return { ...captured, encoding: 'json', body: json };
  return { ...captured, encoding: 'protobuf', body: Buffer.from(jsonToProtobuf(captured.signal, json)) };
}

const LEVELS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;

/** One request per span, log record or metric, each with its resource and scope. */
export function splitByItem(captured: CapturedBody): CapturedBody[] {
  const [byResource, byScope, items] = LEVELS[captured.signal];
  const list = (holder: Json, key: string) => (holder[key] ?? []) as Json[];
  return list(asJson(captured), byResource).flatMap(resource =>
    list(resource, byScope).flatMap(scope =>
      list(scope, items).map(item => ({
        ...captured,
        encoding: 'json' as const,
        body: Buffer.from(
          JSON.stringify({ [byResource]: [{ ...resource, [byScope]: [{ ...scope, [items]: [item] }] }] }),
        ),
      })),
    ),
  );
}

/** Distinct trace ids in a request, lower-case hex. */
export function traceIds(captured: CapturedBody): string[] {
  const [, , items] = LEVELS[captured.signal];
  const ids = new Set<string>();
  const visit = (value: unknown, key = ''): void => {
    if (Array.isArray(value)) for (const part of value) visit(part, key);
    else if (value && typeof value === 'object') {
      const id = (value as Json).traceId;
      if (key === items && typeof id === 'string' && id) ids.add(id.toLowerCase());
      for (const [name, part] of Object.entries(value)) visit(part, name);
    }
  };
  visit(asJson(captured));
  return [...ids];
}

/** Times a body is sent again: a machine that is slow to write what it takes says 503, and has it the next time. */
const TRIES = 30;

/** Sends one body as its client would; throws unless it is accepted whole. */
export async function send(otlpHttp: string, captured: CapturedBody, triesLeft = TRIES): Promise<void> {
  const { signal, encoding, body, file } = captured;
  const response = await fetch(`${otlpHttp}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf' },
    body: new Uint8Array(body),
  });
  const answer = await response.text();
  if (response.status === 503 && triesLeft > 1) {
    await sleep(1_000);
    return send(otlpHttp, captured, triesLeft - 1);
  }
  if (response.status !== 200) throw new Error(`${file}: ${response.status} ${answer}`);
  if (encoding === 'json' && answer !== '{}') throw new Error(`${file}: partly refused: ${answer}`);
}
