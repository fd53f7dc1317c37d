import type { ReviewRule } from '#contract/review.ts';
import type { CandidatesOf, ReviewCandidate } from '#store/queries/review-candidates.ts';
import { questionsByChance, type ReviewQuestion } from '#store/queries/review-questions.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { textOf } from '../sampling/example.ts';
import { type Asked, findNewClusters } from '../text/novelty.ts';
import type { ReviewDeps } from './deps.ts';
import { drawOf } from './queues.ts';

/** Questions of each time that are looked at. */
const mostQuestions = 1_000;
const batch = 200;
const dayMs = 86_400_000;

type Rule = Extract<ReviewRule, { kind: 'new_cluster' }>;
type Texted = Asked & { call: ReviewQuestion; place: number };

/**
 * What people ask about that they hardly ever asked about in the days before: the earliest calls of each such cluster, which stay the same
 * while it grows, and a sentence about it.
 */
export async function newClusters(
  deps: Pick<ReviewDeps, 'clickhouse' | 'projectId' | 'redactor'>,
  of: CandidatesOf,
  rule: Rule,
): Promise<{ calls: ReviewCandidate[]; sentence: string }[]> {
  const before = { ...of, fromMs: of.fromMs - rule.known_days * dayMs, toMs: of.fromMs };
  const texts = [
    ...(await questions(deps, { ...of, limit: mostQuestions }, true)),
    ...(await questions(deps, { ...before, limit: mostQuestions }, false)),
    // Where clusters begin must not depend on which time a text is of.
  ].sort((a, b) => a.place - b.place);
  const now = texts.filter(({ isNew }) => isNew).length;
  const clusters = await findNewClusters(texts, { similarity: rule.similarity, atLeast: rule.at_least });
  return clusters.map(({ members, words, ...cluster }) => ({
    calls: members
      .map(at => texts[at]!.call)
      .sort((a, b) => a.startMs - b.startMs)
      .slice(0, rule.per_cluster),
    sentence:
      `a new kind of question${words.length > 0 ? `: ${words.join(', ')}` : ''} ` +
      `(${cluster.now} of ${now} calls looked at, ${cluster.before} of ${texts.length - now} in the ${rule.known_days} days before)`,
  }));
}

/** What was asked in calls whose text is kept, without private values. */
async function questions(
  { clickhouse, projectId, redactor }: Pick<ReviewDeps, 'clickhouse' | 'projectId' | 'redactor'>,
  of: CandidatesOf,
  isNew: boolean,
): Promise<Texted[]> {
  const calls = await questionsByChance(clickhouse, of);
  const { text: redact } = await redactor();
  const found: Texted[] = [];
  for (let from = 0; from < calls.length; from += batch) {
    const part = calls.slice(from, from + batch);
    const texts = await textsOfCalls(clickhouse, projectId, part.map(asCall));
    for (const call of part) {
      const asked = texts.get(`${call.trace_id}/${call.span_id}`)?.input?.findLast(isUser);
      const text = asked ? redact(textOf([asked])) : '';
      if (text.trim() === '') continue;
      found.push({ call, text, isNew, place: drawOf('cluster', call.trace_id, call.span_id) });
    }
  }
  return found;
}

const isUser = ({ role }: { role: string }) => role === 'user';

const asCall = ({ trace_id, span_id, startMs, mergedFrom, feature, model }: ReviewQuestion) => ({
  ...{ traceId: trace_id, spanId: span_id, startMs, mergedFrom, feature, model },
  ...{ startTime: '', finishReason: '', dimensions: {} },
});
