import { type ChatCall, chat, type Message, promptTokens, text } from '../model-call.ts';
import { embedding3Small, gpt5Mini } from '../models.ts';
import { judge } from '../quality.ts';
import type { Random } from '../random.ts';
import { evenChance, evenLogNormal, identity, inSpan, type Request } from '../request.ts';
import { retrieve, runTool, type Tool } from '../steps.ts';
import type { Feature } from './feature.ts';
import { badAnswers, cases, type SupportCase } from './support-texts.ts';

const SYSTEM =
  'You are the support assistant of Nordlicht Shop. Answer from the policy excerpts only, in the language of the customer, in at most four sentences.';
const LOOKUP_SHARE = 0.4;

/** Customer support: an agent that reads policies, may look up the order, and answers. Here the regression is planted. */
export const supportBot: Feature = {
  name: 'support-bot',
  service: 'demo-support-bot',
  requestsPerHour: 12,
  liveShare: 0.5,
  prompts: [
    { daysBefore: 90, version: 'v12' },
    { daysBefore: 33, version: 'v13' },
    { daysBefore: 30 / 24, version: 'v14' },
  ],
  releases: [
    { daysBefore: 90, version: '2026.38.1' },
    { daysBefore: 40, version: '2026.41.0' },
    { daysBefore: 12, version: '2026.45.2' },
  ],
  scoredShare: 0.6,
  feedbackShare: 0.03,
  async serve(request) {
    const attributes = {
      ...identity(request, 'support-bot'),
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'support-bot',
      'gen_ai.agent.version': '7',
    };
    return inSpan(request, { name: 'invoke_agent support-bot', attributes }, async (_span, context) => {
      const { random } = request;
      const asked = ask(random);
      const bad = evenChance(request, 'bad', request.badShare);
      await retrieve(request, context, {
        source: 'support-policies',
        query: asked.question,
        documents: asked.policies,
        embedding: embedding3Small,
        searchMs: 35,
      });
      const messages: Message[] = [{ role: 'user', parts: [text(asked.question)] }];
      if (evenChance(request, 'branch', LOOKUP_SHARE))
        messages.push(...(await lookUp(request, context, messages, asked)));
      // Picked either way, so that a planted regression changes no other draw.
      const badAnswer = random.pick(badAnswers);
      const reply = bad ? badAnswer : asked.answer;
      const answer = await chat(request, context, finalCall(request, messages, reply));
      return { answer, judgement: judge(request, bad) };
    });
  },
};

interface Asked {
  question: string;
  answer: string;
  policies: readonly string[];
  order: string;
}

function ask(random: Random): Asked {
  const chosen: SupportCase = random.pick(cases);
  const order = `N-${random.integer(100_000, 999_999)}`;
  const day = random.pick(['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']);
  const fill = (template: string) => template.replaceAll('{order}', order).replaceAll('{day}', day);
  return { question: fill(chosen.question), answer: fill(chosen.answer), policies: chosen.policies, order };
}

/** The model asks for the order, the shop's system is asked, and both become part of the conversation. */
async function lookUp(
  request: Request,
  context: Parameters<typeof chat>[1],
  messages: Message[],
  { order }: Asked,
): Promise<Message[]> {
  const { random } = request;
  const id = `call_${random.hex(8)}`;
  const tool: Tool = {
    name: 'get_order',
    arguments: { order_id: order },
    result: {
      order_id: order,
      status: random.pick(['shipped', 'packed', 'delivered', 'returned']),
      items: 2,
    },
    medianMs: 120,
  };
  const wanted: Message = {
    role: 'assistant',
    parts: [{ type: 'tool_call', id, name: tool.name, arguments: tool.arguments }],
    finish_reason: 'tool_call',
  };
  request.turn = 1;
  await chat(request, context, {
    ...shared(request),
    input: [...messages],
    output: wanted,
    finishReason: 'tool_calls',
    usage: { ...promptTokens(request, 1_480, 160, 0.72), output: 22 + random.integer(0, 12), reasoning: 0 },
  });
  const result = await runTool(request, context, tool, id);
  request.turn = 0;
  return [wanted, { role: 'tool', parts: [{ type: 'tool_call_response', id, response: result }] }];
}

function finalCall(request: Request, messages: Message[], reply: string): ChatCall {
  const reasoning = Math.round(evenLogNormal(request, 'reasoning', 64, 0.25));
  return {
    ...shared(request),
    input: messages,
    output: { role: 'assistant', parts: [text(reply)], finish_reason: 'stop' },
    finishReason: 'stop',
    // Drawn apart from the words: a bad answer is as long, as slow and as dear as a good one.
    usage: {
      ...promptTokens(request, 1_480, 620, 0.72),
      output: reasoning + Math.round(evenLogNormal(request, 'output', 118, 0.25)),
      reasoning,
    },
  };
}

function shared(request: Request) {
  const prompt = { name: 'support-answer', version: request.promptVersion };
  return { model: gpt5Mini, prompt, system: SYSTEM, maxTokens: 600 };
}
