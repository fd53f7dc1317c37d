import { type Condition, where } from '#contract/dimension.ts';
import type { ReviewReason, ReviewRule } from '#contract/review.ts';
import {
  type CandidatesOf,
  callsOfSeries,
  disagreements,
  flagged,
  lowScores,
  type ReviewCandidate,
  sampled,
} from '#store/queries/review-candidates.ts';
import { type IncidentRow, listIncidents } from '#store/state/incidents.ts';
import {
  changeReviewQueueRow,
  claimFill,
  putReviewItems,
  type ReviewItemRow,
  type ReviewQueueRow,
} from '#store/state/review.ts';
import { iso } from '../golden/deps.ts';
import type { ReviewDeps } from './deps.ts';
import { drawOf, rulesOf } from './queues.ts';

/** Nobody works through more; the most urgent of each rule come in first. */
const mostOpen = 2_000;
const mostOfRule = 500;
const pauseMs = 5 * 60_000;
const hourMs = 3_600_000;

interface Found {
  call: ReviewCandidate;
  reason: ReviewReason;
  priority: number;
  /** Null unless the call was chosen by chance alone. */
  probability: number | null;
}

/** Looks for calls, at most every five minutes however many people work on the queue. */
export async function fillWhenDue(deps: ReviewDeps, queue: ReviewQueueRow): Promise<void> {
  const now = deps.nowMs();
  const times = { at: iso(now), before: iso(now - pauseMs) };
  if (await claimFill(deps.state, queue.queue_id, times)) await fillQueue(deps, queue, 24);
}

/** Puts what the rules find in the last hours into the queue, each call once. */
export async function fillQueue(
  deps: ReviewDeps,
  queue: ReviewQueueRow,
  hours: number,
): Promise<{ found: number; added: number; known: number; leftOut: number }> {
  const now = deps.nowMs();
  const of: CandidatesOf = {
    projectId: deps.projectId,
    fromMs: now - hours * hourMs,
    toMs: now,
    conditions: where.parse(queue.conditions),
    // One more than is taken tells that there are more.
    limit: mostOfRule + 1,
  };
  const found: Found[] = [];
  let leftOut = 0;
  for (const rule of rulesOf(queue)) {
    if (!rule.enabled || rule.kind === 'new_cluster') continue;
    const all = await finders[rule.kind](deps, of, rule as never);
    leftOut += Math.max(0, all.length - mostOfRule);
    // A sample that was cut is none with a known chance.
    const isCut = all.length > mostOfRule;
    found.push(...all.slice(0, mostOfRule).map(one => (isCut ? { ...one, probability: null } : one)));
  }
  const items = itemsOf(queue, found, iso(now));
  await changeReviewQueueRow(deps.state, queue.queue_id, { filled_at: iso(now) });
  const put = await putReviewItems(deps.state, queue.queue_id, items, mostOpen);
  return { found: items.length, added: put.added, known: put.known, leftOut: leftOut + put.leftOut };
}

type Finders = {
  [Kind in Exclude<ReviewRule['kind'], 'new_cluster'>]: (
    deps: ReviewDeps,
    of: CandidatesOf,
    rule: Extract<ReviewRule, { kind: Kind }>,
  ) => Promise<Found[]>;
};

/** What each kind of evidence says, and how urgent it is from 0 to 100. */
const finders: Finders = {
  async low_score({ clickhouse }, of, { score, below }) {
    const calls = await lowScores(clickhouse, of, { score, below });
    return calls.map(call => {
      const [by = ''] = call.words;
      const sentence = `${score} is ${figure(call.figure)}, below ${figure(below)}${by && `, by ${by}`}`;
      const depth = Math.min(1, (below - call.figure) / Math.max(Math.abs(below), 0.01));
      return found('low_score', call, sentence, 60 + 15 * depth);
    });
  },
  async disagreement({ clickhouse }, of, { scores, gap }) {
    const calls = await disagreements(clickhouse, of, { scores, gap });
    return calls.map(call => {
      const [high, low] = call.words;
      const sentence = `${high} and ${low} differ by ${figure(call.figure)} on ${scores.join(', ')}`;
      return found('disagreement', call, sentence, 50 + 20 * Math.min(1, call.figure));
    });
  },
  async drift({ clickhouse, state, projectId }, of, { per_incident }) {
    const incidents = await listIncidents(state, { projectId, state: 'firing', limit: 20 });
    const lists = await Promise.all(
      incidents.map(async incident => {
        const fromMs = Math.max(of.fromMs, Date.parse(incident.changed_at));
        if (fromMs >= of.toMs) return [];
        const calls = await callsOfSeries(clickhouse, { ...of, fromMs, limit: per_incident }, incident);
        return calls.map(call => found('drift', call, driftSentence(incident), 70));
      }),
    );
    return lists.flat();
  },
  async flagged({ clickhouse }, of) {
    const calls = await flagged(clickhouse, of);
    return calls.map(call => found('flagged', call, `a user said: ${call.words.join(', ')}`, 80));
  },
  async sample({ clickhouse }, of, { share, where: narrowed }) {
    const conditions: Condition[] = where.parse(narrowed);
    const calls = await sampled(clickhouse, of, { share, conditions });
    const sentence = `chosen by chance, ${figure(share * 100)} % of ${narrowed || 'all calls'}`;
    return calls.map(call => ({ ...found('sample', call, sentence, 10), probability: share }));
  },
};

const found = (
  kind: ReviewReason['kind'],
  call: ReviewCandidate,
  sentence: string,
  priority: number,
): Found => ({
  call,
  reason: { kind, sentence },
  priority,
  probability: null,
});

const figure = (value: number) => String(Number(value.toFixed(2)));

const driftSentence = ({ metric, feature, model }: IncidentRow) =>
  `${metric.replace('score:', '')} of ${feature || 'calls without a feature'} on ${model} is drifting`;

/**
 * One item a call. Labels get a chance only in a queue that chance alone fills: there the order says nothing about the calls,
 * so those labelled so far are a sample as well.
 */
export function itemsOf(queue: ReviewQueueRow, all: readonly Found[], at: string): ReviewItemRow[] {
  const isSample = rulesOf(queue).every(({ kind }) => kind === 'sample');
  const byCall = new Map<string, Found[]>();
  for (const one of all) {
    const key = `${one.call.trace_id}/${one.call.span_id}`;
    byCall.set(key, [...(byCall.get(key) ?? []), one]);
  }
  return [...byCall.values()].map(founds => {
    const { call } = founds[0]!;
    const chances = founds.map(({ probability }) => probability);
    // All rules share one draw per call: it is in when it is in the widest.
    const chance = chances.some(one => one === null) ? null : Math.max(...(chances as number[]));
    return newItem(queue, call, {
      at,
      reasons: founds.map(({ reason }) => reason),
      priority: isSample
        ? 10
        : Math.min(100, Math.max(...founds.map(({ priority }) => priority)) + 2 * (founds.length - 1)),
      probability: isSample ? chance : null,
    });
  });
}

export function newItem(
  queue: ReviewQueueRow,
  { trace_id, span_id, call_time, feature, model, prompt }: ReviewCandidate,
  {
    at,
    reasons,
    priority,
    probability,
    assignee = '',
  }: {
    at: string;
    reasons: ReviewReason[];
    priority: number;
    probability: number | null;
    assignee?: string;
  },
): ReviewItemRow {
  const { queue_id, second_opinions } = queue;
  const draw = (what: string) => drawOf(what, queue_id, trace_id, span_id);
  return {
    item_id:
      Math.floor(draw('id a') * 2 ** 48)
        .toString(16)
        .padStart(12, '0') +
      Math.floor(draw('id b') * 2 ** 48)
        .toString(16)
        .padStart(12, '0'),
    queue_id,
    trace_id,
    span_id,
    call_time,
    feature,
    model,
    prompt,
    reasons: JSON.stringify(reasons),
    priority,
    place: draw('place'),
    inclusion_probability: probability,
    state: 'open',
    opinions: 0,
    opinions_wanted: draw('second opinion') < second_opinions ? 2 : 1,
    assignee,
    created_at: at,
  };
}
