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
import type { ReviewDeps } from './deps.ts';
import { highRisk } from './high-risk.ts';
import { newClusters } from './new-clusters.ts';

/** A call and what speaks for looking at it. */
export interface Found {
  call: ReviewCandidate;
  reason: ReviewReason;
  /** 0 to 100, the most urgent highest. */
  priority: number;
  /** Null unless the call was chosen by chance alone. */
  probability: number | null;
}

type EvidenceDeps = Pick<ReviewDeps, 'clickhouse' | 'state' | 'projectId' | 'redactor'>;

type Finders = {
  [Kind in ReviewRule['kind']]: (
    deps: EvidenceDeps,
    of: CandidatesOf,
    rule: Extract<ReviewRule, { kind: Kind }>,
  ) => Promise<Found[]>;
};

/** Calls a rule finds, at most `of.limit` where it looks for single calls. */
export function findEvidence(deps: EvidenceDeps, of: CandidatesOf, rule: ReviewRule): Promise<Found[]> {
  return finders[rule.kind](deps, of, rule as never);
}

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
  async new_cluster(deps, of, rule) {
    const clusters = await newClusters(deps, of, rule);
    return clusters.flatMap(({ calls, sentence }) =>
      calls.map(call => found('new_cluster', call, sentence, 65)),
    );
  },
  async high_risk(deps, of, rule) {
    const calls = await highRisk(deps, of, rule);
    return calls.map(({ call, why }) => found('high_risk', call, `high risk: ${why}`, 75));
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

/** In the order in which calls were first found. */
export function byCall(all: readonly Found[]): Found[][] {
  const calls = new Map<string, Found[]>();
  for (const one of all) {
    const key = `${one.call.trace_id}/${one.call.span_id}`;
    calls.set(key, [...(calls.get(key) ?? []), one]);
  }
  return [...calls.values()];
}

/** Of everything that speaks for a call: each further reason counts a little. */
export const urgencyOf = (founds: readonly Found[]): number =>
  Math.min(100, Math.max(...founds.map(({ priority }) => priority)) + 2 * (founds.length - 1));
