import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export interface ChatMessage {
  role: 'system' | 'user';
  content: string;
}

export interface ChatOptions {
  baseUrl: string;
  apiKey: string;
  model: string;
  timeoutMs: number;
  /** Further attempts after a failure that may pass. */
  retries: number;
  /** First pause; doubled each time, shortened by up to half by chance. */
  backoffMs?: number;
  /** From 0 to 1. */
  random?: () => number;
  signal?: AbortSignal;
}

/** Null counts were not reported. */
export interface ChatReply {
  text: string;
  model: string;
  inputTokens: number | null;
  outputTokens: number | null;
  cachedTokens: number | null;
  startMs: number;
  durationMs: number;
}

/** The endpoint did not answer the question; `status` is null when there was no HTTP answer. */
export class JudgeUnreachable extends Error {
  readonly status: number | null;
  readonly isPassing: boolean;
  readonly retryAfterMs: number | null;

  constructor(message: string, at: { status?: number; isPassing: boolean; retryAfterMs?: number | null }) {
    super(message);
    this.status = at.status ?? null;
    this.isPassing = at.isPassing;
    this.retryAfterMs = at.retryAfterMs ?? null;
  }
}

const longestPauseMs = 30_000;
const longestReply = 1_000_000;
const count = z.int().nonnegative().nullish();
const completion = z.object({
  model: z.string().nullish(),
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count }).nullish(),
    })
    .nullish(),
});

/**
 * Asks `/chat/completions`. 408, 409, 429, 5xx, time-outs and broken connections are tried again after a pause, or the one the endpoint asks
 * for; everything else fails at once with `JudgeUnreachable`. `onFailure` hears of each attempt that failed.
 */
export async function askChat(
  messages: readonly ChatMessage[],
  options: ChatOptions,
  onFailure: (error: JudgeUnreachable) => void = () => {},
): Promise<ChatReply> {
  const { retries, backoffMs = 500, random = Math.random, signal } = options;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await askOnce(messages, options);
    } catch (error) {
      if (!(error instanceof JudgeUnreachable)) throw error;
      onFailure(error);
      if (!error.isPassing || attempt >= retries || signal?.aborted) throw error;
      const pause = backoffMs * 2 ** attempt * (1 - 0.5 * random());
      await sleep(Math.min(longestPauseMs, error.retryAfterMs ?? pause), undefined, {
        ...(signal && { signal }),
      });
    }
  }
}

async function askOnce(messages: readonly ChatMessage[], options: ChatOptions): Promise<ChatReply> {
  const startMs = Date.now();
  const started = performance.now();
  const response = await post(messages, options);
  const text = await body(response, options);
  if (!response.ok) throw refused(response, text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JudgeUnreachable('the endpoint answered something other than JSON', { isPassing: true });
  }
  const parsed = completion.safeParse(value);
  if (!parsed.success) {
    throw new JudgeUnreachable('the answer is not a chat completion', {
      status: response.status,
      isPassing: false,
    });
  }
  const { choices, usage, model } = parsed.data;
  return {
    text: choices[0]?.message.content ?? '',
    model: model ?? '',
    inputTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? null,
    startMs,
    durationMs: performance.now() - started,
  };
}

async function post(messages: readonly ChatMessage[], options: ChatOptions): Promise<Response> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  try {
    return await fetch(`${options.baseUrl.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(options.apiKey && { authorization: `Bearer ${options.apiKey}` }),
      },
      body: JSON.stringify({ model: options.model, messages, temperature: 0, stream: false }),
      // Whoever allowed one address has not allowed another.
      redirect: 'error',
      signal: options.signal ? AbortSignal.any([timeout, options.signal]) : timeout,
    });
  } catch (error) {
    throw unanswered(error, options);
  }
}

async function body(response: Response, options: ChatOptions): Promise<string> {
  try {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > longestReply) throw new JudgeUnreachable('the answer is too long', { isPassing: false });
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    throw error instanceof JudgeUnreachable ? error : unanswered(error, options);
  }
}

function unanswered(error: unknown, { timeoutMs, signal }: ChatOptions): JudgeUnreachable {
  if (signal?.aborted) return new JudgeUnreachable('stopped', { isPassing: false });
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new JudgeUnreachable(`no answer within ${timeoutMs} ms`, { isPassing: true });
  }
  const cause =
    error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : '';
  return new JudgeUnreachable(`the endpoint cannot be reached: ${cause}`, { isPassing: true });
}

function refused(response: Response, text: string): JudgeUnreachable {
  const { status, headers } = response;
  return new JudgeUnreachable(`the endpoint answered ${status}: ${text.slice(0, 200)}`, {
    status,
    isPassing: [408, 409, 429].includes(status) || status >= 500,
    retryAfterMs: retryAfterMs(headers),
  });
}

function retryAfterMs(headers: Headers): number | null {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}
