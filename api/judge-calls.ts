import { randomBytes } from 'node:crypto';
import { priceCall } from '#ledger/price/price-call.ts';
import type { JudgeOptions, JudgeUsage } from '#quality/judge/judge.ts';
import { priceBookReader } from '#store/prices/load.ts';
import type { StateDb } from '#store/state/open.ts';
import type { ApiLog } from './request-id.ts';

/** What a judge's call cost by the price book, as the ledger would price it; null when it has no price. */
export function judgePrices(state: StateDb): JudgeOptions['priceOf'] {
  const readBook = priceBookReader(state);
  return async usage => {
    const { provider, requestModel, responseModel, atMs } = usage;
    const cost = priceCall(
      {
        projectId: '',
        provider,
        requestModel,
        responseModel: responseModel || requestModel,
        operation: 'chat',
        tokens: {
          ...noTokens,
          input: usage.inputTokens,
          output: usage.outputTokens,
          cacheRead: usage.cachedTokens,
        },
        pieces: { images: null, searches: null, rerankUnits: null },
        maxOutputTokens: null,
        attempts: 1,
        serviceTier: '',
        startMs: atMs,
        failed: false,
        httpStatus: 200,
      },
      await readBook(),
    );
    return cost.nanos;
  };
}

const noTokens = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  output: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
  imageOutput: null,
  embedding: null,
  total: null,
};

/**
 * Sends a span for every call of a judge to our own collector, so that its spend is in the ledger under its own purpose. One that cannot be
 * sent is lost: the judge's own count of its spend does not depend on it.
 */
export function judgeSpans(
  target: { otlpHttpUrl: string; key: string | undefined },
  log: ApiLog,
): NonNullable<JudgeOptions['onCall']> {
  return call => {
    void fetch(`${target.otlpHttpUrl}/v1/traces`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(target.key && { authorization: `Bearer ${target.key}` }),
      },
      body: JSON.stringify(spanOf(call)),
      signal: AbortSignal.timeout(5_000),
    }).then(
      response => response.body?.cancel(),
      (error: unknown) => log.warn({ err: error }, 'the span of a judge could not be sent'),
    );
  };
}

interface Call {
  usage: JudgeUsage;
  durationMs: number;
  rubric: string;
  baseUrl: string;
}

function spanOf({ usage, durationMs, rubric, baseUrl }: Call): object {
  const nanos = (ms: number) => (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();
  const url = new URL(baseUrl);
  const attributes = [
    text('gen_ai.operation.name', 'chat'),
    text('gen_ai.provider.name', usage.provider || 'openai'),
    text('gen_ai.request.model', usage.requestModel),
    text('gen_ai.response.model', usage.responseModel || usage.requestModel),
    text('server.address', url.hostname),
    text('driftline.purpose', 'evaluation'),
    text('feature.name', `judge ${rubric}`),
    ...count('gen_ai.usage.input_tokens', usage.inputTokens),
    ...count('gen_ai.usage.output_tokens', usage.outputTokens),
    ...count('gen_ai.usage.cache_read.input_tokens', usage.cachedTokens),
  ];
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: `chat ${usage.requestModel}`,
    kind: 3,
    startTimeUnixNano: nanos(usage.atMs),
    endTimeUnixNano: nanos(usage.atMs + durationMs),
    attributes,
    status: {},
  };
  const resource = { attributes: [text('service.name', 'driftline-judge')] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'driftline' }, spans: [span] }] }] };
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const count = (key: string, value: number | null) =>
  value === null ? [] : [{ key, value: { intValue: String(value) } }];
