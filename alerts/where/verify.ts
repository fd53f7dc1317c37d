import type { Verification } from '#contract/explanation.ts';
import { countStoredSince } from '#store/queries/call-cells.ts';
import type { AlertsDeps } from '../deps.ts';
import { bucketMs } from '../drift/season.ts';
import { seriesKey } from '../finding.ts';
import { totalsOf } from './cells.ts';
import { computeStatistics, digestOf, type Evidence, type EvidenceData, readData } from './evidence.ts';

const mostDifferences = 20;

/**
 * Does it all again: the statistics from the data that were kept, and from what the store holds now of what it held then.
 * Numbers are the same only when every bit of them is.
 */
export async function verifyEvidence(
  deps: Pick<AlertsDeps, 'clickhouse' | 'projectId'>,
  evidence: Evidence,
): Promise<Verification> {
  const kept = verifyKept(evidence);
  const { finding, query, parameters, statistics, data, dataDigest } = evidence;
  const found = await readData(deps, finding, query);
  const same = digestOf(found) === dataDigest;
  const computed = computeStatistics(finding, found, parameters);
  const numbers = differences(asKept(statistics), asKept(computed));
  const [since, changed] = same
    ? [null, []]
    : [
        await countStoredSince(deps.clickhouse, query.calls, query.windows),
        data ? dataDifferences(data, found) : [],
      ];
  const reproduced = kept.differences.length === 0 && numbers.length === 0;
  return {
    incident_id: evidence.incidentId,
    series: seriesKey(finding),
    made_at: new Date(evidence.madeAtMs).toISOString(),
    changed: datedIn(evidence),
    reproduced,
    data: same ? 'same' : 'changed',
    stored_since: since,
    differences: [...kept.differences, ...changed, ...numbers].slice(0, mostDifferences),
    numbers: countNumbers(statistics),
  };
}

/** When the change began by the evidence, with its interval. */
export function datedIn({ statistics: { dated } }: Evidence): Verification['changed'] {
  if (!dated) return null;
  const iso = (ms: number) => new Date(ms).toISOString();
  return { at: iso(dated.startMs), from: iso(dated.earliestMs), to: iso(dated.latestMs + bucketMs) };
}

/** Whether the numbers follow from the data in the same file. */
export function verifyKept({ finding, parameters, statistics, data, dataDigest }: Evidence): {
  differences: string[];
  numbers: number;
} {
  const numbers = countNumbers(statistics);
  if (data === null) return { differences: [], numbers };
  const computed = asKept(computeStatistics(finding, data, parameters));
  const differing = differences(asKept(statistics), computed).map(line => `kept data: ${line}`);
  if (digestOf(data) !== dataDigest) differing.unshift('kept data: not what the digest was made of');
  return { differences: differing, numbers };
}

/** In words: calls more or fewer, buckets with other sums. */
function dataDifferences(before: EvidenceData, now: EvidenceData): string[] {
  const lines: string[] = [];
  if (before.cells && now.cells) {
    const [then, today] = [totalsOf(before.cells), totalsOf(now.cells)];
    for (const side of ['before', 'after'] as const) {
      if (then[side].n !== today[side].n)
        lines.push(`store: ${today[side].n} calls ${side} the change, then ${then[side].n}`);
    }
  }
  const byStart = new Map(now.buckets.map(bucket => [bucket[0], bucket]));
  const moved = before.buckets.filter(
    bucket => JSON.stringify(byStart.get(bucket[0])) !== JSON.stringify(bucket),
  );
  if (moved.length > 0) {
    const times = moved.slice(0, 3).map(([startMs]) => new Date(startMs).toISOString());
    lines.push(`store: ${moved.length} buckets of 15 minutes have other sums, first ${times.join(', ')}`);
  }
  const added = now.buckets.length - before.buckets.filter(([startMs]) => byStart.has(startMs)).length;
  if (added > 0) lines.push(`store: ${added} buckets are new`);
  return lines;
}

/** JSON knows no negative zero. */
const asKept = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Paths at which two values of JSON differ, with both. */
function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (Object.is(expected, actual)) return [];
  if (isTree(expected) && isTree(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return keys.flatMap(key => differences(expected[key], actual[key], path === '' ? key : `${path}.${key}`));
  }
  return [`${path}: ${JSON.stringify(actual)}, then ${JSON.stringify(expected)}`];
}

function countNumbers(value: unknown): number {
  if (typeof value === 'number') return 1;
  return isTree(value) ? Object.values(value).reduce<number>((sum, one) => sum + countNumbers(one), 0) : 0;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
