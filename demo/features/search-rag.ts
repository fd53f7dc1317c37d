import { chat, promptTokens, text } from '../model-call.ts';
import { gemini25Flash, geminiEmbedding } from '../models.ts';
import { judge } from '../quality.ts';
import { evenChance, evenLogNormal, identity, inSpan } from '../request.ts';
import { retrieve } from '../steps.ts';
import type { Feature } from './feature.ts';

const SYSTEM =
  'Answer the question from the passages below and cite them as [1], [2]. If they do not contain the answer, say so in one sentence.';

const topics = [
  [
    'How do I rotate the signing key?',
    'Create the new key first, add it beside the old one, wait until every client has fetched both [1], then remove the old key [2]. No restart is needed.',
    ['kb-keys-2', 'kb-keys-5'],
  ],
  [
    'What is our travel budget per person?',
    'The budget is 1,800 EUR per person and year; conferences with a talk of yours are paid on top [1]. Approval goes to your team lead [2].',
    ['hr-travel', 'hr-approvals'],
  ],
  [
    'Which regions can store customer data?',
    'Customer data may be stored in Frankfurt and Dublin [1]. Backups stay in the same region for 35 days [2].',
    ['sec-regions', 'sec-backup'],
  ],
  [
    'When does the office in Lyon close for the holidays?',
    'The Lyon office is closed from 24 December to 2 January [1]; the building stays open with a badge.',
    ['office-lyon', 'hr-calendar'],
  ],
  [
    'How is overtime counted for part-time staff?',
    'Hours above the weekly contract are counted in the time account and can be taken within six months [1]. Payment is possible after approval [2].',
    ['hr-overtime', 'hr-approvals'],
  ],
  [
    'Wie beantrage ich ein Testgerät?',
    'Im Portal unter „Geräte“ ein Testgerät auswählen und das Projekt angeben [1]. Die Ausgabe dauert in der Regel zwei Tage [2].',
    ['it-devices', 'it-delivery'],
  ],
  [
    'What changed in the retention policy this year?',
    'Access logs are now kept for 90 instead of 180 days, and exports must be deleted after use [1].',
    ['sec-retention', 'sec-changes'],
  ],
  [
    'Who approves a purchase above 10,000 EUR?',
    'The department head and finance both approve it; above 50,000 EUR the board does as well [1].',
    ['fin-purchases', 'hr-approvals'],
  ],
] as const;

const badAnswers = [
  'The passages do not contain information about this question.',
  'Our intranet has many useful pages. You could try to search for other words or ask a colleague.',
  'According to [3] the answer depends on the circumstances, which are described elsewhere.',
];

/** Search with an answer: retrieval and one model call, the busiest reader of tokens. */
export const searchRag: Feature = {
  name: 'search-rag',
  service: 'demo-search',
  requestsPerHour: 8,
  liveShare: 0.28,
  prompts: [
    { daysBefore: 90, version: 'v5' },
    { daysBefore: 24, version: 'v6' },
  ],
  releases: [
    { daysBefore: 90, version: '4.11.0' },
    { daysBefore: 29, version: '4.12.0' },
    { daysBefore: 9, version: '4.13.1' },
  ],
  scoredShare: 0.5,
  feedbackShare: 0.02,
  async serve(request) {
    const attributes = {
      ...identity(request, 'search-rag'),
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'search-rag',
      'feature_flag.result.variant': variantOf(request.user),
    };
    return inSpan(request, { name: 'invoke_workflow search-rag', attributes }, async (_span, context) => {
      const { random } = request;
      const [question, good, documents] = random.pick(topics);
      const bad = evenChance(request, 'bad', request.badShare);
      await retrieve(request, context, {
        source: 'intranet',
        query: question,
        documents: [...documents, `kb-${random.integer(10, 99)}`, `kb-${random.integer(100, 400)}`],
        embedding: geminiEmbedding,
        searchMs: 55,
      });
      const reasoning = Math.round(evenLogNormal(request, 'reasoning', 90, 0.25));
      const answer = await chat(request, context, {
        model: gemini25Flash,
        prompt: { name: 'search-answer', version: request.promptVersion },
        system: SYSTEM,
        maxTokens: 1_024,
        input: [{ role: 'user', parts: [text(question)] }],
        output: {
          role: 'assistant',
          parts: [text(bad ? random.pick(badAnswers) : good)],
          finish_reason: 'stop',
        },
        finishReason: 'stop',
        usage: {
          ...promptTokens(request, 640, 3_600, 0.3),
          output: reasoning + Math.round(evenLogNormal(request, 'output', 150, 0.25)),
          reasoning,
        },
      });
      return { answer, judgement: judge(request, bad) };
    });
  },
};

/** Half of the users get passages in another order, each user always the same one. It makes no difference. */
function variantOf(user: string): string {
  let hash = 0;
  for (const letter of user) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
  return hash % 2 === 0 ? 'rerank-on' : 'rerank-off';
}
