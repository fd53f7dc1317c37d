import type { RetrainEvent, RetrainWebhook } from '#contract/training-schedule.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { byCall, type Found, findEvidence, urgencyOf } from '../review/evidence.ts';
import { textOf } from '../sampling/example.ts';
import type { TrainingDeps } from './deps.ts';

export type FailingCase = RetrainEvent['data']['failing_cases'][number];

export interface FailingOf {
  fromMs: number;
  toMs: number;
  conditions: Parameters<typeof findEvidence>[1]['conditions'];
  webhook: RetrainWebhook;
  baseUrl: string;
}

/** Calls of a rule that are looked at. */
const mostOfRule = 1_000;
const longestText = 8_000;

/** Calls of a time that went wrong, the most urgent first: of bad scores, and those users complained of. */
export async function failingCases(
  deps: TrainingDeps,
  { webhook, baseUrl, ...of }: FailingOf,
): Promise<{ cases: FailingCase[]; leftOut: number }> {
  const asked = { projectId: deps.projectId, ...of, limit: mostOfRule };
  const { failing, most_cases: most } = webhook;
  const found = [
    ...(failing ? await findEvidence(deps, asked, { enabled: true, kind: 'low_score', ...failing }) : []),
    ...(await findEvidence(deps, asked, { enabled: true, kind: 'flagged' })),
  ];
  const calls = byCall(found).sort((a, b) => urgencyOf(b) - urgencyOf(a));
  const shown = calls.slice(0, most);
  const texts = webhook.include_texts ? await textsOf(deps, shown) : new Map<string, never>();
  const cases = shown.map((founds): FailingCase => {
    const { trace_id, span_id, call_time, feature, model, prompt } = founds[0]!.call;
    const said = texts.get(`${trace_id}/${span_id}`);
    return {
      ...{ trace_id, span_id, time: call_time, feature, model, prompt },
      reasons: founds.map(({ reason }) => reason.sentence),
      url: new URL(`/traces/${trace_id}`, baseUrl).href,
      input: said?.input ?? null,
      output: said?.output ?? null,
    };
  });
  return { cases, leftOut: calls.length - shown.length };
}

/** Last question and answer, without private values; what is not kept is missing. */
async function textsOf(
  { clickhouse, projectId, redactor }: TrainingDeps,
  calls: readonly Found[][],
): Promise<Map<string, { input: string; output: string }>> {
  const { text: redact } = await redactor();
  const refs = calls.map(([one]) => ({
    ...{ traceId: one!.call.trace_id, spanId: one!.call.span_id, startMs: Date.parse(one!.call.call_time) },
    ...{ startTime: '', feature: '', model: '', finishReason: '', mergedFrom: [], dimensions: {} },
  }));
  const kept = await textsOfCalls(clickhouse, projectId, refs);
  return new Map(
    [...kept].map(([path, { input, output }]) => {
      const asked = input?.findLast(({ role }) => role === 'user');
      const texts = [asked ? textOf([asked]) : '', textOf(output ?? [])];
      const [question, answer] = texts.map(text => redact(text).slice(0, longestText)) as [string, string];
      return [path, { input: question, output: answer }];
    }),
  );
}
