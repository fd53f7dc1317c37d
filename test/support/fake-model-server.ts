import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One answered request, as the provider would bill it. */
export interface ModelCall {
  path: string;
  model: string;
  status: number;
  stream: boolean;
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

export interface FakeModelServer {
  /** OpenAI-compatible base URL, e.g. `http://127.0.0.1:41231/v1`. */
  baseUrl: string;
  /** Every request so far, failed ones with zero tokens. */
  calls: ModelCall[];
  stop(): Promise<void>;
}

interface ModelRequest {
  model: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: unknown[];
  messages?: { role: string; content: unknown }[];
  input?: unknown;
}

type Reply = (usage: Omit<ModelCall, 'path' | 'model' | 'status' | 'stream'>) => void;

/** Time a streamed answer takes to its first token. */
export const FIRST_TOKEN_MS = 120;
const ANSWER = ['It is ', '21 °C ', 'in Oslo – ', 'sunny.'];

/**
 * Speaks the chat, responses and embeddings API of OpenAI on a free loopback port. What the prompt says decides the outcome:
 * `flaky` fails once with a retryable 500, `forbidden` fails with 400, anything else is answered.
 */
export async function startFakeModelServer(): Promise<FakeModelServer> {
  const calls: ModelCall[] = [];
  const failedOnce = new Set<string>();
  const server = createServer((request, response) => {
    void read(request).then(async body => {
      const path = new URL(request.url ?? '/', 'http://model').pathname;
      const text = JSON.stringify(body.messages ?? body.input ?? '');
      const call = { path, model: body.model, stream: body.stream === true };
      const refuse = (status: number, message: string) => {
        calls.push({ ...call, status, input: 0, cached: 0, output: 0, reasoning: 0 });
        response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '20' });
        response.end(JSON.stringify({ error: { message, type: 'server_error' } }));
      };
      if (text.includes('forbidden')) return refuse(400, 'this prompt is not allowed');
      if (text.includes('flaky') && !failedOnce.has(text)) {
        failedOnce.add(text);
        return refuse(500, 'the model is overloaded');
      }
      const n = calls.length;
      const answered: Reply = usage => calls.push({ ...call, status: 200, ...usage });
      if (path.endsWith('/embeddings')) return embed(response, n, body, answered);
      if (path.endsWith('/responses')) return await streamResponse(response, n, body, answered);
      if (path.endsWith('/chat/completions')) return await chat(response, n, body, answered);
      return refuse(404, `no ${path}`);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    stop() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<ModelRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as ModelRequest;
}

function chatUsage(n: number) {
  const usage = { input: 130 + 10 * n, cached: 64, output: 41 + n, reasoning: 16 };
  const wire = {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
  return { usage, wire };
}

async function chat(response: ServerResponse, n: number, body: ModelRequest, answered: Reply): Promise<void> {
  const { usage, wire } = chatUsage(n);
  const head = { id: `chatcmpl-${n}`, created: 1_790_000_000 + n, model: `${body.model}-2024-07-18` };
  answered(usage);
  if (body.stream) {
    const chunk = (delta: object, finish: string | null = null) => ({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const last = body.stream_options?.include_usage ? [{ ...head, choices: [], usage: wire }] : [];
    await sse(response, [
      ...ANSWER.map(content => chunk({ role: 'assistant', content })),
      chunk({}, 'stop'),
      ...last,
      '[DONE]',
    ]);
    return;
  }
  const asked = body.tools !== undefined && !body.messages?.some(({ role }) => role === 'tool');
  const tool = { name: 'get_weather', arguments: JSON.stringify({ city: 'Oslo' }) };
  const message = asked
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: `call_${n}`, type: 'function', function: tool }],
      }
    : { role: 'assistant', content: ANSWER.join('') };
  const choice = { index: 0, message, finish_reason: asked ? 'tool_calls' : 'stop' };
  json(response, { ...head, object: 'chat.completion', choices: [choice], usage: wire });
}

async function streamResponse(response: ServerResponse, n: number, body: ModelRequest, answered: Reply) {
  const usage = { input: 210 + n, cached: 96, output: 88, reasoning: 48 };
  answered(usage);
  const head = { id: `resp_${n}`, created_at: 1_790_000_000 + n, model: `${body.model}-2025-08-07` };
  const item = { type: 'message', id: `msg_${n}` };
  const wire = {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
  };
  await sse(response, [
    { type: 'response.created', response: head },
    { type: 'response.output_item.added', output_index: 0, item },
    ...ANSWER.map(delta => ({ type: 'response.output_text.delta', item_id: item.id, delta })),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...head, usage: wire } },
  ]);
}

function embed(response: ServerResponse, n: number, body: ModelRequest, answered: Reply): void {
  const inputs = Array.isArray(body.input) ? body.input : [body.input];
  const usage = { input: 7 * inputs.length + n, cached: 0, output: 0, reasoning: 0 };
  answered(usage);
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: [0.1, 0.2, 0.3] }));
  const wire = { prompt_tokens: usage.input, total_tokens: usage.input };
  json(response, { object: 'list', data, model: body.model, usage: wire });
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function sse(response: ServerResponse, events: (object | string)[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  await sleep(FIRST_TOKEN_MS);
  for (const event of events) {
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
    await sleep(5);
  }
  response.end();
}
