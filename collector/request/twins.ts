import { attemptFailed, byStart, CLOCK_TOLERANCE_NS, lastAttempt, type Operation } from './attempt.ts';
import type { SpanFacts, TokenFacts } from './facts.ts';
import { groupBy } from './group-by.ts';
import { canonicalModel } from './model-name.ts';
import { hasUsage } from './tokens.ts';
import type { TraceTree } from './trace-tree.ts';

/** Two tellings of one call are close in time; the same response id hours later is a replayed answer. */
export const TWIN_WINDOW_NS = 5_000_000_000n;

/** No process has more calls in flight that could be mistaken for each other; it bounds the work on a flood. */
const MAX_NEIGHBOURS = 64;

/** No honest trace nests deeper between two calls. */
const MAX_DEPTH = 512;

/** An operation and the others that told it again without a link. */
export interface Paired {
  operation: Operation;
  twins: Operation[];
}

/** What pairing needs to know of an operation, read once. */
interface Profile {
  operation: Operation;
  lead: SpanFacts;
  /** The outermost span that tells it. */
  top: SpanFacts;
  scopes: ReadonlySet<string>;
  responseId: string | undefined;
  models: ReadonlySet<string>;
  failed: boolean;
}

interface Pair {
  a: Profile;
  b: Profile;
  /** 0 same response id, 1 same tokens, 2 one side has none. */
  doubt: number;
  distanceNs: bigint;
}

interface Cluster {
  members: Profile[];
  scopes: ReadonlySet<string>;
}

/**
 * Section 5 rule 3: pairs operations that different instrumentations of one process told apart, since one of them does
 * not make its spans active. Pairs by response id; else by time, model and tokens. Never two spans of one scope.
 */
export function pairTwins(operations: readonly Operation[], tree: TraceTree): Paired[] {
  const pairs = likelyPairs(operations, tree);
  if (pairs.length === 0) return operations.map(operation => ({ operation, twins: [] }));
  const clusters = new Map<Operation, Cluster>();
  const clusterOf = (profile: Profile): Cluster =>
    clusters.get(profile.operation) ?? { members: [profile], scopes: profile.scopes };
  for (const { a, b } of pairs) {
    const [left, right] = [clusterOf(a), clusterOf(b)];
    if (left === right || !areDisjoint(left.scopes, right.scopes)) continue;
    const members = [...left.members, ...right.members];
    const joined = { members, scopes: new Set([...left.scopes, ...right.scopes]) };
    for (const { operation } of members) clusters.set(operation, joined);
  }
  const alone = operations.filter(operation => !clusters.has(operation));
  return [
    ...alone.map(operation => ({ operation, twins: [] })),
    ...[...new Set(clusters.values())].map(({ members }) => believed(members)),
  ];
}

/** Every span of an operation. */
export function spansOf({ attempts, folded }: Operation): SpanFacts[] {
  return [...attempts.flatMap(({ lead, covers }) => [lead, ...covers]), ...folded];
}

/** Best first; the spans' own order settles ties, so the outcome is the same in every order of arrival. */
function likelyPairs(operations: readonly Operation[], tree: TraceTree): Pair[] {
  if (operations.length < 2) return [];
  const groups = groupBy(operations, operation => groupOf(lastAttempt(operation).lead));
  const pairs = [...groups.values()]
    .filter(group => new Set(group.map(operation => lastAttempt(operation).lead.scopeName)).size > 1)
    .flatMap(group => pairsWithin(group.map(profileOf), tree));
  return pairs.sort(
    (p, q) =>
      p.doubt - q.doubt ||
      Number(p.distanceNs - q.distanceNs) ||
      byStart(p.a.lead, q.a.lead) ||
      byStart(p.b.lead, q.b.lead),
  );
}

function groupOf({ resourceKey, role }: SpanFacts): string {
  return `${resourceKey} ${role}`;
}

function profileOf(operation: Operation): Profile {
  const { lead, covers } = lastAttempt(operation);
  const told = [lead, ...covers];
  const models = told.flatMap(({ requestModel, responseModel }) => [requestModel, responseModel]);
  return {
    operation,
    lead,
    top: covers.at(-1) ?? lead,
    scopes: new Set(spansOf(operation).map(span => span.scopeName)),
    responseId: told.find(({ responseId }) => responseId !== undefined)?.responseId,
    models: new Set(models.filter(model => model !== undefined).map(canonicalModel)),
    failed: attemptFailed(lastAttempt(operation)),
  };
}

function pairsWithin(profiles: readonly Profile[], tree: TraceTree): Pair[] {
  const sorted = [...profiles].sort((a, b) => byStart(a.lead, b.lead));
  const byAnswer = groupBy(sorted, ({ responseId }) => responseId);
  return [
    ...[...byAnswer.values()].flatMap(same => closePairs(same, TWIN_WINDOW_NS, () => 0, tree)),
    ...closePairs(sorted, CLOCK_TOLERANCE_NS, doubtByTime, tree),
  ];
}

/** Pairs that begin before the other ended, give or take, and that the judge does not rule out. */
function closePairs(
  sorted: readonly Profile[],
  toleranceNs: bigint,
  judge: (a: Profile, b: Profile) => number | null,
  tree: TraceTree,
): Pair[] {
  const pairs: Pair[] = [];
  for (const [index, a] of sorted.entries()) {
    for (const b of sorted.slice(index + 1, index + 1 + MAX_NEIGHBOURS)) {
      if (b.lead.startNs > a.lead.endNs + toleranceNs) break;
      const doubt = areDisjoint(a.scopes, b.scopes) ? judge(a, b) : null;
      if (doubt === null || areLinked(a.lead, b.lead, tree)) continue;
      pairs.push({ a, b, doubt, distanceNs: distanceNs(a.lead, b.lead) });
    }
  }
  return pairs;
}

/** How unsure it is that both tell the same call, when no common response id proves it; null when they do not. */
function doubtByTime(a: Profile, b: Profile): number | null {
  if (a.responseId !== undefined && b.responseId !== undefined) return null;
  if (!isInsideUnlinked(a, b) && !isInsideUnlinked(b, a)) return null;
  const isSameModel = [...a.models].some(model => b.models.has(model));
  if (!isSameModel || contradict(a, b)) return null;
  return tokenDoubt(a.lead.tokens, b.lead.tokens);
}

// The provider's span starts a trace of its own, or hangs beside the framework's below something both are in.
function isInsideUnlinked(inner: Profile, outer: Profile): boolean {
  const isUnlinked = inner.top.parentSpanId === '' || inner.top.traceId === outer.lead.traceId;
  return (
    isUnlinked &&
    inner.lead.endNs > inner.lead.startNs &&
    inner.lead.startNs + CLOCK_TOLERANCE_NS >= outer.lead.startNs &&
    inner.lead.endNs <= outer.lead.endNs + CLOCK_TOLERANCE_NS
  );
}

function contradict(a: Profile, b: Profile): boolean {
  const [left, right] = [a.lead.streaming, b.lead.streaming];
  return a.failed !== b.failed || (left !== undefined && right !== undefined && left !== right);
}

function tokenDoubt(a: TokenFacts | undefined, b: TokenFacts | undefined): number | null {
  if (!hasUsage(a) || !hasUsage(b)) return 2;
  return a?.input === b?.input && a?.output === b?.output ? 1 : null;
}

/** The side with more tokens; of equals the one that took longer, which is the framework's and has the context. */
function believed(members: readonly Profile[]): Paired {
  const [first, ...others] = [...members].sort(
    (a, b) =>
      tokenSum(b.lead.tokens) - tokenSum(a.lead.tokens) ||
      Number(durationNs(b.lead) - durationNs(a.lead)) ||
      byStart(a.lead, b.lead),
  );
  return { operation: first!.operation, twins: others.map(({ operation }) => operation) };
}

function areLinked(a: SpanFacts, b: SpanFacts, tree: TraceTree): boolean {
  return a.traceId === b.traceId && (isAncestor(a, b, tree) || isAncestor(b, a, tree));
}

function isAncestor(upper: SpanFacts, lower: SpanFacts, tree: TraceTree): boolean {
  let at = tree.parent(lower);
  for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
    if (at.spanId === upper.spanId) return true;
    at = tree.parent(at);
  }
  return false;
}

function areDisjoint(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const scope of a) if (b.has(scope)) return false;
  return true;
}

function tokenSum(tokens: TokenFacts | undefined): number {
  return tokens === undefined ? -1 : (tokens.input ?? 0) + (tokens.output ?? 0) + (tokens.total ?? 0);
}

function durationNs(span: SpanFacts): bigint {
  return span.endNs - span.startNs;
}

function distanceNs(a: SpanFacts, b: SpanFacts): bigint {
  const apart = (x: bigint, y: bigint) => (x > y ? x - y : y - x);
  return apart(a.startNs, b.startNs) + apart(a.endNs, b.endNs);
}
