import { z } from 'zod';
import { goldenCaseInput } from '#contract/golden.ts';
import { message } from '#contract/trace.ts';
import { readCorrections } from '#store/queries/corrections.ts';
import { readTrace } from '#store/queries/trace.ts';
import { toolCallsOf } from '../sampling/example.ts';
import { type CaseOrigin, type CaseSaid, textOf } from './case.ts';
import { type GoldenDeps, GoldenProblem } from './deps.ts';

export interface CaseFound {
  said: CaseSaid;
  origin: CaseOrigin;
}

/** What a call was asked. `reference` undefined: its own answer; null: none. A GoldenProblem when its text is not kept. */
export async function caseOfTrace(
  { clickhouse, projectId }: GoldenDeps,
  asked: {
    traceId: string;
    spanId?: string | undefined;
    reference?: string | null | undefined;
    tags: string[];
  },
): Promise<CaseFound> {
  const trace = await readTrace(clickhouse, { projectId, traceId: asked.traceId });
  if (!trace) throw new GoldenProblem('not_found', `There is no trace ${asked.traceId}.`);
  const wanted = asked.spanId?.toLowerCase();
  const call = trace.calls.findLast(
    ({ span_id }) => (wanted ? span_id === wanted : true) && trace.contents[span_id]?.input.length,
  );
  const content = call && trace.contents[call.span_id];
  if (!call || !content)
    throw new GoldenProblem('not_possible', 'trace_id: the text of this call is not kept (any more)');
  const { reference = textOf(content.output) || null } = asked;
  // Tools its own answer asked for are expected like its text; a better answer says nothing of them.
  const asksFor = asked.reference === undefined ? toolCallsOf(content.output) : [];
  const tool_calls = asksFor.length > 0 ? asksFor : null;
  return {
    said: caseSaid({ input: content.input, reference, tags: asked.tags, tool_calls }),
    origin: { source: 'trace', trace_id: trace.trace_id, span_id: call.span_id },
  };
}

/** Corrected answers of a time range; those whose conversation is not kept, or too long, are counted only. */
export async function casesOfCorrections(
  { clickhouse, projectId }: GoldenDeps,
  asked: { fromMs: number; toMs: number; feature: string; limit: number },
): Promise<{ cases: CaseFound[]; corrections: number; withoutText: number }> {
  const all = await readCorrections(clickhouse, { projectId, ...asked });
  const rows = all.filter(({ feature }) => asked.feature === '' || feature === asked.feature);
  const cases = rows.flatMap(({ correction, trace_id, span_id, input }) => {
    const messages = z
      .array(message)
      .min(1)
      .safeParse(input === '' ? [] : JSON.parse(input));
    if (!messages.success) return [];
    const said = goldenCaseInput.safeParse({ input: messages.data, reference: correction });
    if (!said.success) return [];
    return [{ said: said.data, origin: { source: 'correction' as const, trace_id, span_id } }];
  });
  return { cases, corrections: rows.length, withoutText: rows.length - cases.length };
}

/** What came from the store is cut to what a case may hold: a GoldenProblem where that is not possible. */
function caseSaid(said: z.input<typeof goldenCaseInput>): CaseSaid {
  const parsed = goldenCaseInput.safeParse(said);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GoldenProblem('not_possible', `${issue?.path.join('.')}: ${issue?.message}`);
}
