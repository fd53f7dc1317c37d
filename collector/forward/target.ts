import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Signal, signals } from '../otlp/proto.ts';

/** What became of a request, in the words of the OTLP specification. */
export type Outcome =
  /** `rejected` counts the items that the other side refused one by one. */
  | { kind: 'taken'; rejected: number; message: string }
  /** Try again; `limited` when it is doubtful whether that can ever help. */
  | { kind: 'later'; message: string; retryAfterMs: number | null; limited: boolean }
  | { kind: 'refused'; message: string };

export interface TargetOptions {
  /** Base of the OTLP/HTTP endpoint; `/v1/traces` and the like are added to it. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Requests on their way at once. */
  lanes: number;
  timeoutMs: number;
}

export interface Target {
  /** Where it is, without anything secret. */
  name: string;
  post(signal: Signal, payload: Uint8Array, abort: AbortSignal): Promise<Outcome>;
  close(): void;
}

const compress = promisify(gzip);
/** Below this a body is not worth compressing. */
const smallBytes = 1024;
const maxAnswerBytes = 64 * 1024;

/** An OTLP/HTTP receiver elsewhere, over connections that are kept open. */
export function openTarget({ url, headers, lanes, timeoutMs }: TargetOptions): Target {
  const base = new URL(url);
  const isTls = base.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: lanes };
  const agent = isTls ? new HttpsAgent(settings) : new HttpAgent(settings);
  const send = isTls ? httpsRequest : httpRequest;
  let compressing: Promise<unknown> = Promise.resolve();

  // One at a time: file writes share the few threads that compress, and ingest must not wait for them.
  const packed = (payload: Uint8Array): Promise<Buffer> => {
    const result = compressing.then(() => compress(payload, { level: 1 }));
    compressing = result.catch(() => {});
    return result;
  };

  return {
    name: `${base.origin}${base.pathname}`.replace(/\/+$/, ''),
    async post(signal, payload, abort) {
      try {
        const isPacked = payload.length >= smallBytes;
        const body = isPacked ? await packed(payload) : payload;
        const address = new URL(base);
        address.pathname = `${base.pathname.replace(/\/+$/, '')}/v1/${signal}`;
        const sent = {
          ...headers,
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
        };
        const request = send(address, { method: 'POST', agent, signal: abort, headers: sent });
        const response = await exchange(request, body, timeoutMs);
        return outcomeOf(response, signal);
      } catch (error) {
        // Nobody knows whether it arrived; sending it again does no harm.
        return { kind: 'later', message: describe(error), retryAfterMs: null, limited: false };
      }
    },
    close: () => agent.destroy(),
  };
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Sends the body and reads the whole answer, all within `timeoutMs`: a socket that trickles is not idle. */
function exchange(request: ClientRequest, body: Uint8Array, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.on('response', response => readAnswer(response).then(resolve, reject));
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxAnswerBytes) chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

function describe(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'the connection broke';
}

function outcomeOf({ status, headers, body }: Answer, signal: Signal): Outcome {
  if (status >= 200 && status < 300) {
    return { kind: 'taken', ...partialSuccess(body, headers['content-type'] ?? '', signal) };
  }
  const message = withText(`it answered ${status}`, body, headers);
  const isRetryable = [429, 502, 503, 504].includes(status);
  if (!isRetryable && status < 500) return { kind: 'refused', message };
  // Others of 5xx must not be repeated for ever, but many servers say 500 when they only restart.
  const retryAfterMs = isRetryable ? readRetryAfter(headers['retry-after']) : null;
  return { kind: 'later', message, retryAfterMs, limited: !isRetryable };
}

/** What the other side has to say, when it is text. */
function withText(message: string, body: Buffer, headers: IncomingHttpHeaders): string {
  if (!/json|text/.test(headers['content-type'] ?? '')) return message;
  const text = body.toString('utf8', 0, 300).replace(/\s+/g, ' ').trim();
  return text === '' ? message : `${message}: ${text}`;
}

function partialSuccess(body: Buffer, contentType: string, signal: Signal) {
  const { response, rejectedField } = signals[signal];
  try {
    const answer = contentType.includes('json')
      ? (JSON.parse(body.toString() || '{}') as Record<string, unknown>)
      : response.toObject(response.decode(body), { longs: Number });
    const partial = (answer.partialSuccess ?? {}) as Record<string, unknown>;
    return {
      rejected: Number(partial[rejectedField] ?? 0) || 0,
      message: String(partial.errorMessage ?? ''),
    };
  } catch {
    // An answer that cannot be read does not undo that the request was taken.
    return { rejected: 0, message: '' };
  }
}

/** Milliseconds from a Retry-After header of seconds or of a date. */
function readRetryAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
