import type { RuleDefinition } from '#contract/rule.ts';
import { readGroupStats } from '#store/queries/rule-stats.ts';
import type { AlertsDeps } from '../deps.ts';
import { type RuleData, ruleData } from './evaluate.ts';
import { knownMs } from './judge.ts';
import { neededBy } from './measure.ts';

const quarterMs = 900_000;

/** What judging a rule at any time from `fromMs` to `toMs` takes. */
export async function readRuleData(
  { clickhouse, projectId }: AlertsDeps,
  rule: RuleDefinition,
  fromMs: number,
  toMs: number,
): Promise<RuleData> {
  const { metrics, windowMs, bins } = neededBy(rule);
  const backMs = rule.kind === 'absence' ? windowMs + knownMs : windowMs;
  const range = { projectId, fromMs: Math.floor((fromMs - backMs) / quarterMs) * quarterMs, toMs };
  const { filter, group_by: groupBy } = rule;
  const stats = await readGroupStats(clickhouse, range, { metrics, filter, groupBy, withBins: bins });
  return ruleData(rule, stats);
}
