import { type ChatCall, chat, text, type Usage } from '../model-call.ts';
import { haiku45, houseSummary } from '../models.ts';
import { judge } from '../quality.ts';
import { evenChance, evenLogNormal, identity, inSpan, type Request } from '../request.ts';
import type { Feature } from './feature.ts';

const SYSTEM =
  'Summarise the meeting transcript in at most five bullet points. Name decisions, owners and dates. Invent nothing.';
const SYSTEM_TOKENS = 2_304;
const PILOT_SHARE = 0.04;

const meetings = [
  [
    'Weekly sync of the payments team, 34 minutes',
    '- Retry job ships on Thursday (Mara)\n- Chargeback report is late by a week; finance informed (Jonas)\n- Decision: no new providers before January',
  ],
  [
    'Customer call with Atlas Logistics, 52 minutes',
    '- Atlas wants single sign-on before the roll-out in March\n- Price for 400 seats to be sent by Friday (Ines)\n- Open: data location of backups',
  ],
  [
    'Incident review: slow checkout on 3 November',
    '- Cause: a missing index after the migration\n- Detection took 22 minutes; alert added (Tom)\n- Decision: migrations get a load test',
  ],
  [
    'Quarterly planning, product and design',
    '- Two themes: onboarding and reports\n- Design system update moves to Q2 (Lea)\n- Hiring: one researcher, approved',
  ],
  [
    'Réunion du comité de rédaction, 41 minutes',
    "- Le dossier hiver paraît le 12 décembre (Claire)\n- Deux photos à remplacer\n- Décision : pas d'édition papier en janvier",
  ],
  [
    'Interview with a warehouse lead, 28 minutes',
    '- Scanners fail below 5 °C, about twice a shift\n- Wants one list per aisle, not per order\n- Follow-up visit on the 18th (Sam)',
  ],
] as const;

const badAnswers = [
  '- The participants talked about several topics\n- Next steps will follow',
  '- Great meeting with many insights!',
];

/** Meeting summaries: long cached instructions, one call; a small pilot runs on a model without a price. */
export const summariser: Feature = {
  name: 'summariser',
  service: 'demo-summariser',
  requestsPerHour: 5,
  liveShare: 0.14,
  prompts: [
    { daysBefore: 90, version: 'v2' },
    { daysBefore: 45, version: 'v3' },
  ],
  releases: [
    { daysBefore: 90, version: '1.7.3' },
    { daysBefore: 17, version: '1.8.0' },
  ],
  scoredShare: 0.5,
  feedbackShare: 0.02,
  async serve(request) {
    const attributes = {
      ...identity(request, 'summariser'),
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'summariser',
    };
    return inSpan(request, { name: 'invoke_workflow summariser', attributes }, async (_span, context) => {
      const { random } = request;
      const [title, summary] = random.pick(meetings);
      const bad = evenChance(request, 'bad', request.badShare);
      const pilot = random.chance(PILOT_SHARE);
      const call: ChatCall = {
        model: pilot ? houseSummary : haiku45,
        prompt: { name: 'meeting-summary', version: request.promptVersion },
        system: SYSTEM,
        maxTokens: 800,
        input: [{ role: 'user', parts: [text(`${title}\n\n[transcript]`)] }],
        output: {
          role: 'assistant',
          parts: [text(bad ? random.pick(badAnswers) : summary)],
          finish_reason: 'stop',
        },
        finishReason: 'end_turn',
        usage: usage(request, pilot),
      };
      return { answer: await chat(request, context, call), judgement: judge(request, bad) };
    });
  },
};

/** The instructions are read from the provider's cache, or written to it when the last use is too long ago. */
function usage(request: Request, pilot: boolean): Usage {
  const transcript = Math.round(evenLogNormal(request, 'input', 4_200, 0.4));
  const output = Math.round(evenLogNormal(request, 'output', 210, 0.25));
  if (pilot) return { input: SYSTEM_TOKENS + transcript, output };
  const cached = evenChance(request, 'cached', 0.8);
  return {
    input: SYSTEM_TOKENS + transcript,
    cacheRead: cached ? SYSTEM_TOKENS : 0,
    cacheWrite: cached ? 0 : SYSTEM_TOKENS,
    output,
  };
}
