import type { Clock } from './clock.ts';
import type { Feature, Rollout } from './features/feature.ts';
import { ProviderError } from './model-call.ts';
import { reportFeedback, reportQuality } from './quality.ts';
import type { Random } from './random.ts';
import { evenChance, type Request } from './request.ts';
import type { Telemetry } from './telemetry.ts';

const DAY_MS = 86_400_000;
/** Prompts and answers are kept for 14 days; older history is sent without them. */
const CONTENT_DAYS = 13;
/** The prompt version that answers worse when the regression is planted, and how often. */
const planted = { feature: 'support-bot', version: 'v14', badShare: 0.155 };
/** Too little to learn from, as staging usually is: the detector says so instead of watching it. */
const STAGING_SHARE = 0.012;

const tenants = [
  ['acme-retail', 34],
  ['globex', 24],
  ['initech', 16],
  ['umbrella-gmbh', 12],
  ['stark-logistics', 9],
  ['hooli-fr', 5],
] as const;
const USERS_PER_TENANT = 120;

export interface Application {
  telemetry: Telemetry;
  clock: Clock;
  /** The moment the demo calls "now": roll-outs are dated from it. */
  nowMs: number;
  plant: boolean;
}

/** One user's request to a feature, from the click to the judge's verdict. The user's failures end here. */
export async function handleRequest(
  app: Application,
  feature: Feature,
  number: number,
  random: Random,
): Promise<void> {
  const request = receive(app, feature, number, random);
  const served = await feature.serve(request).catch((error: Error) => {
    if (error instanceof ProviderError) return null;
    throw error;
  });
  if (!served) return;
  if (evenChance(request, 'scored', feature.scoredShare))
    await reportQuality(request, served.answer, served.judgement);
  if (evenChance(request, 'feedback', feature.feedbackShare)) {
    await reportFeedback(request, served.answer, served.judgement);
  }
}

function receive(app: Application, feature: Feature, number: number, random: Random): Request {
  const { clock, nowMs } = app;
  const startMs = clock.nowMs();
  const environment = random.chance(STAGING_SHARE) ? 'staging' : 'production';
  const release = inUse(feature.releases, startMs, nowMs);
  const promptVersion = inUse(feature.prompts, startMs, nowMs);
  const tenant = random.weighted(tenants);
  const user = `${tenant}-u${random.integer(1, USERS_PER_TENANT)}`;
  const instruments = app.telemetry.of({ name: feature.service, environment, release });
  return {
    clock,
    random,
    instruments,
    environment,
    tenant,
    user,
    session: `${user}-${Math.floor(startMs / 1_800_000).toString(36)}`,
    content: startMs > nowMs - CONTENT_DAYS * DAY_MS,
    promptVersion,
    badShare: badShare(app, feature, promptVersion),
    number,
    turn: 0,
  };
}

function badShare({ plant }: Application, feature: Feature, promptVersion: string): number {
  const worse = plant && feature.name === planted.feature && promptVersion === planted.version;
  return worse ? planted.badShare : 0;
}

/** The last version rolled out by then; the oldest one before that. */
function inUse(rollouts: readonly Rollout[], atMs: number, nowMs: number): string {
  const current = rollouts.findLast(({ daysBefore }) => atMs >= nowMs - daysBefore * DAY_MS);
  return (current ?? (rollouts[0] as Rollout)).version;
}
