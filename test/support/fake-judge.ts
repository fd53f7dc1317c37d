import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the endpoint does with a question: JSON text of the answer, or a failure. */
export type JudgeReply =
  | { content: string; tokens?: { input: number; output: number } }
  | { status: number; retryAfterMs?: number }
  | 'hang'
  | 'not-json';

export interface FakeJudge {
  baseUrl: string;
  /** The user messages of every request, oldest first. */
  asked: string[];
  /** Questions that were open at one time, at most. */
  mostAtOnce(): number;
  stop(): Promise<void>;
}

/** An OpenAI-compatible endpoint on a free loopback port; `reply` decides on the answer to each question. */
export async function startFakeJudge(reply: (question: string, n: number) => JudgeReply): Promise<FakeJudge> {
  const asked: string[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        messages: { role: string; content: string }[];
      };
      const question = body.messages
        .filter(({ role }) => role === 'user')
        .map(({ content }) => content)
        .join('\n');
      asked.push(question);
      open += 1;
      most = Math.max(most, open);
      response.on('close', () => {
        open -= 1;
      });
      const n = asked.length - 1;
      setTimeout(() => answer(response, reply(question, n)), 3);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    mostAtOnce: () => most,
    stop() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

function answer(response: ServerResponse, reply: JudgeReply): void {
  if (reply === 'hang') return;
  if (reply === 'not-json') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>proxy</html>');
    return;
  }
  if ('status' in reply) {
    const pause = reply.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(reply.retryAfterMs) };
    response.writeHead(reply.status, { 'content-type': 'application/json', ...pause });
    response.end(JSON.stringify({ error: { message: 'no' } }));
    return;
  }
  const { input, output } = reply.tokens ?? { input: 1_000, output: 100 };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      model: 'gpt-4o-mini-2024-07-18',
      choices: [{ message: { role: 'assistant', content: reply.content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    }),
  );
}
