import { z } from 'zod';
import { digestSettings } from '#contract/digest.ts';
import { customMeasure, driftSettings } from '#contract/drift.ts';
import { mapping } from '#contract/mapping.ts';
import { privacy } from '#contract/privacy.ts';
import { quietDrift } from '#contract/quiet-drift.ts';
import { routing } from '#contract/route.ts';
import type { StateDb } from './open.ts';

/** Every setting kept in the state database, with the shape of its value. */
const settingShapes = {
  /** IANA zone in which days, weeks and months begin. */
  reporting_zone: z.string(),
  /** Score name shown as quality; empty: the most frequent one. */
  quality_score: z.string(),
  /** Where people say feature, tenant and the like are found. */
  mapping: z.object({ mapping, changed_at: z.string() }),
  /** What is kept of prompts and answers, and what is taken out before anything is written. */
  privacy,
  /** How often the drift detector may be wrong. */
  drift: driftSettings,
  /** Who is sent the weekly digest, and when. */
  digest: digestSettings,
  /** Attributes of calls that are watched like metrics. */
  custom_measures: z.array(customMeasure),
  /** Series that page nobody by themselves: usage, gaps between cohorts; and where embeddings are found. */
  quiet_drift: quietDrift,
  /** How many scores evaluators may make of what arrives. */
  scoring: z.object({ scores_per_minute: z.number().int().positive() }),
  /** Who is told of which alerts. */
  routing,
  /** Hex; see redactionKey. */
  redaction_key: z.string().regex(/^[0-9a-f]{64}$/),
  demo: z.object({ state: z.enum(['off', 'filling', 'live']), progress: z.number().min(0).max(1) }),
};

type SettingName = keyof typeof settingShapes;
type SettingValue<Name extends SettingName> = z.infer<(typeof settingShapes)[Name]>;

/** Null when it was never set. */
export async function readSetting<Name extends SettingName>(
  db: StateDb,
  name: Name,
): Promise<SettingValue<Name> | null> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  if (!row) return null;
  return settingShapes[name].parse(JSON.parse(row.value)) as SettingValue<Name>;
}

export async function writeSetting<Name extends SettingName>(
  db: StateDb,
  name: Name,
  value: SettingValue<Name>,
): Promise<void> {
  const text = JSON.stringify(settingShapes[name].parse(value));
  await db
    .insertInto('settings')
    .values({ name, value: text })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ value: text }))
    .execute();
}
