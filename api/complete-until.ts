import { readWatermarks } from '#alerts/watermarks.ts';
import type { Condition } from '#contract/dimension.ts';
import type { Services } from './services.ts';

/** Up to when all that calls like these come from has told what happened, ISO 8601; null when no sender is known. */
export async function completeUntil(services: Services, where: readonly Condition[]): Promise<string | null> {
  const { completeUntilMs } = await readWatermarks(services, where, services.nowMs());
  return completeUntilMs === null ? null : new Date(completeUntilMs).toISOString();
}
