import { postSigned } from '#alerts/channels/webhook.ts';
import { nextWaitMs } from '#alerts/notify/backoff.ts';
import type { TrainingScheduleSaid } from '#contract/training-schedule.ts';
import { duePeriods, lastPeriod, type Timetable } from '#ledger/delivery/period.ts';
import { startTrainingSchedules } from '#quality/training/schedule.ts';
import type { Job } from '#store/job.ts';
import { reportingZone } from '../asked.ts';
import type { ApiLog } from '../request-id.ts';
import type { Services } from '../services.ts';

const timeoutMs = 30_000;
/** After a long silence only so many periods are made up for. */
const mostPeriods = 7;

/** Training data by schedule, from the process of the API: periods as deliveries have them, events as alerts send them. */
export function startTraining(services: Services, { timers, log }: { timers: boolean; log: ApiLog }): Job {
  const { clickhouse, state, projectId, nowMs, baseUrl, about, privacy } = services;
  return startTrainingSchedules(
    {
      ...{ clickhouse, state, projectId, nowMs, baseUrl, log },
      redactor: async () => (await privacy()).redactor,
      duePeriods: async (said, sinceMs) =>
        duePeriods(await timetableOf(services, said), { sinceMs, nowMs: nowMs(), most: mostPeriods }),
      lastPeriod: async said => lastPeriod(await timetableOf(services, said), nowMs()),
      async send(event, { url, secret }, signal) {
        const attempt = await postSigned(url, event, {
          signing: [secret],
          now: nowMs,
          timeoutMs,
          signal,
          allowPrivateAddresses: about.localMode,
        });
        if (attempt.outcome === 'delivered') return { outcome: 'delivered' };
        const retryAfterMs = attempt.outcome === 'failed' ? attempt.retryAfterMs : null;
        return { outcome: 'failed', error: attempt.error, retryAfterMs };
      },
      nextWaitMs: (attempts, retryAfterMs) => nextWaitMs(attempts, Math.random(), retryAfterMs),
    },
    { timers },
  );
}

export async function timetableOf(
  services: Pick<Services, 'state' | 'about'>,
  { every, hour }: Pick<TrainingScheduleSaid, 'every' | 'hour'>,
): Promise<Timetable> {
  return { schedule: every, hour, zone: await reportingZone(services) };
}
