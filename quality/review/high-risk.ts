import { where } from '#contract/dimension.ts';
import type { ReviewRule } from '#contract/review.ts';
import type { CandidatesOf, ReviewCandidate } from '#store/queries/review-candidates.ts';
import { type ReviewQuestion, riskyCalls } from '#store/queries/review-questions.ts';
import { type CallTexts, textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { textOf, toolCallsOf } from '../sampling/example.ts';
import type { ReviewDeps } from './deps.ts';

type Rule = Extract<ReviewRule, { kind: 'high_risk' }>;

/** Calls whose text is read; the newest ones. */
const mostRead = 2_000;
const batch = 200;

/**
 * Calls of a kind that is always looked at, the newest first and at most `of.limit`, each with why. Where words or tools are named, the last
 * question and the answer must hold one of them; instructions and earlier turns do not count.
 */
export async function highRisk(
  { clickhouse, projectId }: Pick<ReviewDeps, 'clickhouse' | 'projectId'>,
  of: CandidatesOf,
  rule: Rule,
): Promise<{ call: ReviewCandidate; why: string }[]> {
  const needles = [...rule.words.map(stemOf), ...rule.tools].map(text => JSON.stringify(text).slice(1, -1));
  const isAny = needles.length === 0;
  const limit = isAny ? of.limit : mostRead;
  const calls = await riskyCalls(clickhouse, { ...of, limit }, { risk: where.parse(rule.where), needles });
  if (isAny) return calls.map(call => ({ call, why: rule.where }));
  const patterns = rule.words.map(word => ({ word, pattern: patternOf(word) }));
  const found: { call: ReviewCandidate; why: string }[] = [];
  for (let from = 0; from < calls.length && found.length < of.limit; from += batch) {
    const part = calls.slice(from, from + batch);
    const texts = await textsOfCalls(clickhouse, projectId, part.map(asCall));
    for (const call of part) {
      const why = whyRisky(texts.get(`${call.trace_id}/${call.span_id}`), patterns, rule.tools);
      if (why !== null) found.push({ call, why });
    }
  }
  return found.slice(0, of.limit);
}

interface Pattern {
  word: string;
  pattern: RegExp;
}

/** What speaks against a call; null when nothing does or its text is not kept. */
export function whyRisky(
  texts: Pick<CallTexts, 'input' | 'output'> | undefined,
  patterns: readonly Pattern[],
  tools: readonly string[],
): string | null {
  if (!texts) return null;
  const output = texts.output ?? [];
  const asked = texts.input?.findLast(({ role }) => role === 'user');
  const said = { asks: asked ? textOf([asked]) : '', answers: textOf(output) };
  const calls = new Set(toolCallsOf(output).map(({ name }) => name));
  const why = [
    ...patterns.flatMap(({ word, pattern }) =>
      pattern.test(said.asks) ? [`the question says "${word}"`] : [],
    ),
    ...patterns.flatMap(({ word, pattern }) =>
      pattern.test(said.answers) ? [`the answer says "${word}"`] : [],
    ),
    ...tools.filter(name => calls.has(name)).map(name => `the answer asks for ${name}`),
  ];
  return why.length > 0 ? why.slice(0, 3).join(', ') : null;
}

const stemOf = (word: string) => word.replace(/\*+$/, '').trim();

/** A word as a whole, in any case; `lawsuit*` also as the beginning of one. No user's pattern: it takes linear time. */
export function patternOf(word: string): RegExp {
  const plain = stemOf(word)
    .replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    .replaceAll(/\s+/g, '\\s+');
  const end = word.endsWith('*') ? '' : '(?![\\p{L}\\p{N}])';
  return new RegExp(`(?<![\\p{L}\\p{N}])${plain}${end}`, 'iu');
}

const asCall = ({ trace_id, span_id, startMs, mergedFrom, feature, model }: ReviewQuestion) => ({
  ...{ traceId: trace_id, spanId: span_id, startMs, mergedFrom, feature, model },
  ...{ startTime: '', finishReason: '', dimensions: {} },
});
