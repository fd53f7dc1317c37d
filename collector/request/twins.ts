import { attemptFailed, byStart, CLOCK_TOLERANCE_NS, lastAttempt, type Operation } from './attempt.ts';
import type { SpanFacts, TokenFacts } from './facts.ts';
import { canonicalModel } from './model-name.ts';
import { hasUsage } from './tokens.ts';
import { spanKey, type TraceTree } from './trace-tree.ts';

/** Two tellings of one call are close in time; the same response id hours later is a replayed answer. */
export const TWIN_WINDOW_NS = 5_000_000_000n;

/** An operation and the others that told it again without a link. */
export interface Paired {
  operation: Operation;
  twins: Operation[];
}

/**
 * Section 5 rule 3: pairs operations that different instrumentations of one process told apart, since one of them does
 * not make its spans active. Pairs by response id; else by time, model and tokens. Never two spans of one scope.
 */
export function pairTwins(operations: readonly Operation[], tree: TraceTree): Paired[] {
  const clusters = new Map(operations.map(operation => [operation, cluster(operation)]));
  for (const { a, b } of likelyPairs(operations, tree)) {
    const [left, right] = [clusters.get(a)!, clusters.get(b)!];
    if (left === right || !areDisjoint(left.scopes, right.scopes)) continue;
    const joined = {
      members: [...left.members, ...right.members],
      scopes: new Set([...left.scopes, ...right.scopes]),
    };
    for (const member of joined.members) clusters.set(member, joined);
  }
  return [...new Set(clusters.values())].map(({ members }) => believed(members));
}

interface Cluster {
  members: Operation[];
  scopes: Set<string>;
}

interface Pair {
  a: Operation;
  b: Operation;
  /** 0 same response id, 1 same tokens, 2 one side has none. */
  doubt: number;
  distanceNs: bigint;
}

function cluster(operation: Operation): Cluster {
  return { members: [operation], scopes: new Set(spansOf(operation).map(span => span.scopeName)) };
}

/** Every span of an operation. */
export function spansOf({ attempts, folded }: Operation): SpanFacts[] {
  return [...attempts.flatMap(({ lead, covers }) => [lead, ...covers]), ...folded];
}

/** Best first; the spans' own order settles ties, so the outcome is the same in every order of arrival. */
function likelyPairs(operations: readonly Operation[], tree: TraceTree): Pair[] {
  const pairs: Pair[] = [];
  for (const group of byResource(operations)) {
    const sorted = group.sort((a, b) => byStart(leadOf(a), leadOf(b)));
    if (new Set(sorted.map(operation => leadOf(operation).scopeName)).size < 2) continue;
    for (const [index, a] of sorted.entries()) {
      for (let next = index + 1; next < sorted.length; next++) {
        const b = sorted[next]!;
        if (leadOf(b).startNs > leadOf(a).endNs + TWIN_WINDOW_NS) break;
        const doubt = doubtOf(a, b, tree);
        if (doubt !== null) pairs.push({ a, b, doubt, distanceNs: distanceNs(leadOf(a), leadOf(b)) });
      }
    }
  }
  return pairs.sort(
    (p, q) =>
      p.doubt - q.doubt ||
      Number(p.distanceNs - q.distanceNs) ||
      byStart(leadOf(p.a), leadOf(q.a)) ||
      byStart(leadOf(p.b), leadOf(q.b)),
  );
}

/** How unsure it is that both tell the same call; null when they do not. */
function doubtOf(a: Operation, b: Operation, tree: TraceTree): number | null {
  const [left, right] = [leadOf(a), leadOf(b)];
  if (left.role !== right.role || !areDisjoint(cluster(a).scopes, cluster(b).scopes)) return null;
  if (isAncestor(left, right, tree) || isAncestor(right, left, tree)) return null;
  const [leftId, rightId] = [responseIdOf(a), responseIdOf(b)];
  if (leftId !== undefined && rightId !== undefined) return leftId === rightId ? 0 : null;
  if (!isInsideUnlinked(a, b) && !isInsideUnlinked(b, a)) return null;
  if (!modelsAgree(a, b) || contradict(a, b)) return null;
  return tokenDoubt(left.tokens, right.tokens);
}

// The provider's span starts a trace of its own, or hangs beside the framework's below something both are in.
function isInsideUnlinked(inner: Operation, outer: Operation): boolean {
  const top = lastAttempt(inner).covers.at(-1) ?? leadOf(inner);
  const isUnlinked = top.parentSpanId === '' || top.traceId === leadOf(outer).traceId;
  return isUnlinked && isInside(leadOf(inner), leadOf(outer));
}

function isInside(inner: SpanFacts, outer: SpanFacts): boolean {
  return (
    inner.endNs > inner.startNs &&
    inner.startNs + CLOCK_TOLERANCE_NS >= outer.startNs &&
    inner.endNs <= outer.endNs + CLOCK_TOLERANCE_NS
  );
}

function modelsAgree(a: Operation, b: Operation): boolean {
  const right = modelNames(b);
  return [...modelNames(a)].some(model => right.has(model));
}

function modelNames(operation: Operation): Set<string> {
  const { lead, covers } = lastAttempt(operation);
  const names = [lead, ...covers].flatMap(({ requestModel, responseModel }) => [requestModel, responseModel]);
  return new Set(names.filter(name => name !== undefined).map(canonicalModel));
}

function contradict(a: Operation, b: Operation): boolean {
  const [left, right] = [leadOf(a).streaming, leadOf(b).streaming];
  if (attemptFailed(lastAttempt(a)) !== attemptFailed(lastAttempt(b))) return true;
  return left !== undefined && right !== undefined && left !== right;
}

function tokenDoubt(a: TokenFacts | undefined, b: TokenFacts | undefined): number | null {
  if (!hasUsage(a) || !hasUsage(b)) return 2;
  return a?.input === b?.input && a?.output === b?.output ? 1 : null;
}

/** The side with more tokens; of equals the one that took longer, which is the framework's and has the context. */
function believed(members: Operation[]): Paired {
  const [operation, ...twins] = [...members].sort(
    (a, b) =>
      tokenSum(leadOf(b).tokens) - tokenSum(leadOf(a).tokens) ||
      Number(durationNs(leadOf(b)) - durationNs(leadOf(a))) ||
      byStart(leadOf(a), leadOf(b)),
  );
  return { operation: operation!, twins };
}

function byResource(operations: readonly Operation[]): Operation[][] {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const key = leadOf(operation).resourceKey;
    groups.set(key, [...(groups.get(key) ?? []), operation]);
  }
  return [...groups.values()];
}

function leadOf(operation: Operation): SpanFacts {
  return lastAttempt(operation).lead;
}

function responseIdOf(operation: Operation): string | undefined {
  const { lead, covers } = lastAttempt(operation);
  return [lead, ...covers].find(({ responseId }) => responseId !== undefined)?.responseId;
}

function isAncestor(upper: SpanFacts, lower: SpanFacts, tree: TraceTree): boolean {
  if (upper.traceId !== lower.traceId) return false;
  return tree.ancestors(lower).some(ancestor => spanKey(ancestor) === spanKey(upper));
}

function areDisjoint(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].every(scope => !b.has(scope));
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
