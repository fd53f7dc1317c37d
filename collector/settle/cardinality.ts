import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from '#store/engine/client.ts';
import { attributeNamesSince, namesInUse } from '#store/queries/names-in-use.ts';
import type { CollectorLog } from '../hooks.ts';
import { placeCount } from '../request/places.ts';
import { AttributeLimit } from './attribute-names.ts';
import { LedgerNames, rememberedDays } from './name-limit.ts';

/** Distinct names that are kept apart in one project: of attributes in a day, of features and models in a week. */
export interface CardinalityLimits {
  attributes: number;
  features: number;
  models: number;
}

export interface Cardinality {
  limits: CardinalityLimits;
  attributes: AttributeLimit;
  names: LedgerNames;
}

export function cardinalityLimits(limits: CardinalityLimits): Cardinality {
  return { limits, attributes: new AttributeLimit(limits.attributes), names: new LedgerNames(limits) };
}

const dayMs = 86_400_000;
/** Senders should not wait longer for what only keeps the limits where they were. */
const patienceMs = 3_000;

/** Takes up the names where an earlier process left them; one that cannot be asked for in time is like a new one. */
export async function recallNames(
  cardinality: Cardinality,
  clickhouse: ClickHouse,
  log: CollectorLog,
  nowMs: number,
): Promise<void> {
  const recalled = Promise.all([
    recallLedger(cardinality, clickhouse),
    recallAttributes(cardinality, clickhouse, nowMs),
  ]).catch(error => log.warn({ error }, 'could not ask the store for the names in use'));
  await Promise.race([recalled, sleep(patienceMs, null, { ref: false })]);
}

async function recallLedger({ limits, names }: Cardinality, clickhouse: ClickHouse): Promise<void> {
  // And the one that stands for all others.
  const most = Math.max(limits.features, limits.models) + 1;
  for (const { projectId, kind, name, lastUsedS } of await namesInUse(clickhouse, rememberedDays, most)) {
    const known = kind === 'feature' ? names.features : names.models;
    known.remember(projectId, name, lastUsedS * 1000);
  }
}

async function recallAttributes(
  { limits, attributes }: Cardinality,
  clickhouse: ClickHouse,
  nowMs: number,
): Promise<void> {
  const todayMs = nowMs - (nowMs % dayMs);
  // Those of which the mapping knows do not count, but come with the others.
  const most = limits.attributes + placeCount() + 1;
  for (const { projectId, names } of await attributeNamesSince(clickhouse, todayMs, most)) {
    const known = attributes.namesOf(projectId, nowMs);
    for (const name of names) known.remember(name);
  }
}
