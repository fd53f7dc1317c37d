import type { Context } from '@opentelemetry/api';
import { type Answered, type ChatCall, chat, type Message, text } from '../model-call.ts';
import { sonnet46 } from '../models.ts';
import { judge } from '../quality.ts';
import { even, evenChance, evenLogNormal, identity, inSpan, type Request } from '../request.ts';
import { runTool, type Tool } from '../steps.ts';
import type { Feature } from './feature.ts';

const SYSTEM =
  'Review the pull request. Report bugs and risks with file and line, most serious first. Do not comment on style.';
const SYSTEM_TOKENS = 3_072;

const reviews = [
  [
    'Retry uploads on 5xx',
    'src/upload.ts',
    'src/upload.ts:48: the retry reuses a consumed stream, so the second attempt sends an empty body. Buffer it or reopen the file.',
  ],
  [
    'Cache currency rates for an hour',
    'src/rates.ts',
    'src/rates.ts:21: the cache key misses the base currency, EUR and USD rates overwrite each other.',
  ],
  [
    'Add paging to the orders list',
    'api/orders.go',
    'api/orders.go:93: offset paging skips rows when an order is deleted between pages; use the id of the last row.',
  ],
  [
    'Parse dates in the importer',
    'importer/dates.py',
    'No bugs found. Note: dates without a zone are read as local time, which is what the ticket asks for.',
  ],
  [
    'Move sessions to Redis',
    'auth/session.ts',
    'auth/session.ts:70: the old cookie is not cleared, users stay signed in after logout until it expires.',
  ],
] as const;

const badAnswers = [
  'Looks good to me!',
  'The code could use more comments and better variable names in several places.',
];

/** Code review: an agent that reads files in a loop, then writes its findings. */
export const codeReview: Feature = {
  name: 'code-review',
  service: 'demo-code-review',
  requestsPerHour: 2.5,
  liveShare: 0.08,
  prompts: [
    { daysBefore: 90, version: 'v8' },
    { daysBefore: 38, version: 'v9' },
  ],
  releases: [
    { daysBefore: 90, version: '0.9.4' },
    { daysBefore: 21, version: '0.10.0' },
  ],
  scoredShare: 0.6,
  feedbackShare: 0.02,
  async serve(request) {
    const attributes = {
      ...identity(request, 'code-review'),
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'code-review',
      'gen_ai.agent.version': '3',
    };
    return inSpan(request, { name: 'invoke_agent code-review', attributes }, async (_span, context) => {
      const { random } = request;
      const [title, file, finding] = random.pick(reviews);
      const bad = evenChance(request, 'bad', request.badShare);
      const messages: Message[] = [{ role: 'user', parts: [text(`Pull request: ${title}`)] }];
      for (let reads = Math.floor(1 + 3 * even(request, 'branch')); reads > 0; reads -= 1) {
        request.turn = reads;
        await readFile(request, context, messages, file);
        request.turn = 0;
      }
      const reply = bad ? random.pick(badAnswers) : finding;
      const answer = await chat(request, context, {
        ...turn(request, messages, Math.round(evenLogNormal(request, 'output', 260, 0.25))),
        output: { role: 'assistant', parts: [text(reply)], finish_reason: 'stop' },
        finishReason: 'end_turn',
      });
      return { answer, judgement: judge(request, bad) };
    });
  },
};

async function readFile(
  request: Request,
  context: Context,
  messages: Message[],
  path: string,
): Promise<Answered> {
  const { random } = request;
  const id = `toolu_${random.hex(8)}`;
  const lines = random.integer(40, 400);
  const tool: Tool = { name: 'read_file', arguments: { path }, result: { path, lines }, medianMs: 45 };
  const wanted: Message = {
    role: 'assistant',
    parts: [{ type: 'tool_call', id, name: tool.name, arguments: tool.arguments }],
    finish_reason: 'tool_call',
  };
  const call = turn(request, [...messages], 40 + random.integer(0, 25));
  const answered = await chat(request, context, { ...call, output: wanted, finishReason: 'tool_use' });
  const response = await runTool(request, context, tool, id);
  messages.push(wanted, { role: 'tool', parts: [{ type: 'tool_call_response', id, response }] });
  return answered;
}

function turn(request: Request, input: Message[], output: number): Omit<ChatCall, 'output' | 'finishReason'> {
  return {
    model: sonnet46,
    prompt: { name: 'review', version: request.promptVersion },
    system: SYSTEM,
    maxTokens: 2_000,
    input,
    usage: usage(request, input.length, output),
  };
}

function usage(request: Request, messages: number, output: number) {
  const cached = messages > 1 || evenChance(request, 'cached', 0.5);
  return {
    input: SYSTEM_TOKENS + Math.round(evenLogNormal(request, 'input', 900 + 700 * messages, 0.3)),
    cacheRead: cached ? SYSTEM_TOKENS : 0,
    cacheWrite: cached ? 0 : SYSTEM_TOKENS,
    output,
  };
}
