import type { ClickHouse } from '#store/engine/client.ts';
import {
  attributeDays,
  bucketsChanged,
  bucketsCovered,
  countCovered,
  type Days,
  daysToAttribute,
  newestStored,
} from '#store/queries/outcome-attribution.ts';

/** What was stored is looked at once more for this long: an insert may take a while to be seen. */
const OVERLAP_US = 90_000_000n;
/** What is worked through at once, so that a long history fits into memory. */
const RUN_SECONDS = 28 * 86_400;

/**
 * Joins outcomes to the calls that led to them, where either was stored since, and counts the covered calls anew. Repeating it
 * changes nothing. Give `storedUpTo` back as `sinceStored` next time.
 */
export async function attributeOutcomes(
  clickhouse: ClickHouse,
  { projectId, sinceStored }: { projectId: string; sinceStored: string },
): Promise<{ storedUpTo: string; days: number }> {
  const storedUpTo = await newestStored(clickhouse, projectId);
  const since = BigInt(sinceStored) > OVERLAP_US ? BigInt(sinceStored) - OVERLAP_US : 0n;
  const stored = { projectId, sinceStored: since.toString() };
  const days = await daysToAttribute(clickhouse, stored);
  const touched = new Set<number>();
  for (const run of runsOf(days)) {
    for (const bucket of await bucketsCovered(clickhouse, stored, run)) touched.add(bucket);
    await attributeDays(clickhouse, stored, run);
    for (const bucket of await bucketsCovered(clickhouse, stored, run)) touched.add(bucket);
  }
  for (const bucket of await bucketsChanged(clickhouse, stored)) touched.add(bucket);
  for (const run of byTime([...touched].sort((a, b) => a - b)))
    await countCovered(clickhouse, projectId, run);
  return { storedUpTo, days: days.length };
}

/** Ascending days as runs of at most four runs. */
function runsOf(days: readonly string[]): Days[] {
  const runs: Days[] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run && (Date.parse(day) - Date.parse(run.first)) / 1000 < RUN_SECONDS) run.last = day;
    else runs.push({ first: day, last: day });
  }
  return runs;
}

/** Ascending seconds in runs that span less than four runs each. */
function byTime(buckets: number[]): number[][] {
  const runs: number[][] = [];
  for (const bucket of buckets) {
    const last = runs.at(-1);
    if (last && bucket < last[0]! + RUN_SECONDS) last.push(bucket);
    else runs.push([bucket]);
  }
  return runs;
}
