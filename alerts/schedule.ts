import { startRounds } from '#store/rounds.ts';
import { createTurns, nothing } from '#store/turns.ts';
import { announceBudgets } from './budget.ts';
import { type CheckOptions, createChecker } from './check.ts';
import { OvertakenError } from './commit.ts';
import type { AlertsDeps } from './deps.ts';
import { announceDigest } from './digest/send.ts';
import { beat } from './heartbeat.ts';
import { createInternalAlerts } from './internal.ts';
import { advanceGroups } from './lifecycle/groups.ts';
import { aboutIncident } from './notify/about-incident.ts';
import { createSender } from './notify/outbox.ts';
import { historyArrives, rollUp } from './roll-up.ts';
import { createRuleChecker } from './rules/live.ts';

export interface AlertsOptions extends Partial<CheckOptions> {
  baseUrl: string;
  /** Lets webhooks go to loopback and private networks: for local mode. */
  allowPrivateAddresses: boolean;
  checkEveryMs?: number;
  sendEveryMs?: number;
  heartbeatEveryMs?: number;
  /** Longest time one attempt to send may take. */
  sendTimeoutMs?: number;
  /** 0 to 1, for the jitter of retries. */
  random?: () => number;
  /** IANA zone of weekdays and hours; default UTC. */
  zone?: () => Promise<string>;
  /** Where e-mail is handed over when a channel names no server. */
  smtp?: { url: string; from: string } | undefined;
}

export interface Alerts {
  /** Rolls up, checks and sends what is due, now: for tests, replays and "check now". */
  runOnce(): Promise<void>;
  /** Ends the loops; sending under way is ended and made again after the next start. */
  stop(): Promise<void>;
}

/** Problems of Driftline itself are looked at more often than features: it costs one small read. */
const internalEveryMs = 10_000;
const defaults = { checkEveryMs: 60_000, sendEveryMs: 1000, heartbeatEveryMs: 60_000 };
/** While history is being imported its newest part is not complete: look again soon, but not forever. */
const importRetryMs = 2000;
const longestImportMs = 10 * 60_000;

/**
 * The alerts room: every minute rolls up what changed and evaluates what became complete, and sends what the outbox
 * holds; every few seconds it looks at what the collectors report of themselves. `onChange` gets the id of every incident that changed or whose delivery did. With `timers: false` nothing runs
 * by itself.
 */
export function startAlerts(
  deps: AlertsDeps & { onChange?: (incidentId: string) => void; options: AlertsOptions; timers?: boolean },
): Alerts {
  const { options, log, onChange } = deps;
  const { falseAlarmsPerWeek, baseUrl } = options;
  const checker = createChecker(deps, { baseUrl, ...(falseAlarmsPerWeek && { falseAlarmsPerWeek }) });
  const internal = createInternalAlerts({ ...deps, baseUrl });
  const sender = createSender({
    state: deps.state,
    clock: deps.clock,
    log,
    random: options.random ?? Math.random,
    allowPrivateAddresses: options.allowPrivateAddresses,
    about: aboutIncident(deps),
    smtp: options.smtp,
    ...(options.sendTimeoutMs && { timeoutMs: options.sendTimeoutMs }),
    ...(onChange && { onAttempt: onChange }),
  });
  const rules = createRuleChecker(deps, { baseUrl, startedAtMs: deps.clock.now() });
  const vitals: { checkedMs: number | null; rulesMs: number | null } = { checkedMs: null, rulesMs: null };
  const checkEveryMs = options.checkEveryMs ?? defaults.checkEveryMs;
  let stopped = false;
  let historyWaiting = false;
  let importingSinceMs: number | null = null;
  /** Checks take turns: the scheduled one and `runOnce`. */
  const inTurn = createTurns();

  /** False when it should be tried again soon. */
  async function check(patient: boolean): Promise<boolean> {
    if (patient && (await mustWait())) return false;
    if (await rollUp(deps)) historyWaiting = true;
    const { incidentIds } = await checkOrAgain();
    historyWaiting = false;
    vitals.checkedMs = deps.clock.now();
    for (const id of incidentIds) onChange?.(id);
    return true;
  }

  async function mustWait(): Promise<boolean> {
    if (!(await historyArrives(deps))) {
      importingSinceMs = null;
      return false;
    }
    importingSinceMs ??= performance.now();
    return performance.now() - importingSinceMs < longestImportMs;
  }

  /** Somebody else wrote meanwhile, another process or the removal of data: one more time, from what is stored now. */
  async function checkOrAgain() {
    try {
      return await checker.check(historyWaiting);
    } catch (error) {
      if (!(error instanceof OvertakenError)) throw error;
      return checker.check(true);
    }
  }

  async function scheduledCheck(): Promise<number> {
    return (await inTurn(() => check(true))) ? checkEveryMs : Math.min(checkEveryMs, importRetryMs);
  }

  async function checkInternal(): Promise<void> {
    for (const id of await internal.check()) onChange?.(id);
    await announceBudgets(deps, baseUrl);
    await announceDigest(deps, { baseUrl, zone: (await options.zone?.()) ?? 'UTC' });
    // Time alone makes messages due: a group has waited, nobody has acknowledged, a silence is over.
    const context = { projectId: deps.projectId, nowMs: deps.clock.now(), baseUrl };
    for (const id of await deps.state.transaction().execute(db => advanceGroups(db, context))) onChange?.(id);
  }

  async function checkRules(): Promise<void> {
    const changed = await rules.check();
    vitals.rulesMs = deps.clock.now();
    for (const id of changed) onChange?.(id);
  }

  /** At the full minute, also while history is being imported: what is live does not wait for it. */
  async function scheduledRules(): Promise<number> {
    await inTurn(async () => {
      if (await rollUp(deps)) historyWaiting = true;
      await checkRules();
    });
    return checkEveryMs - (deps.clock.now() % checkEveryMs);
  }

  async function scheduledHeartbeat(signal: AbortSignal): Promise<void> {
    const { state, clock } = deps;
    const { allowPrivateAddresses } = options;
    await beat({ state, clock, log, allowPrivateAddresses }, vitals, signal);
  }

  const failedTo = (message: string) => (error: unknown) => {
    if (!stopped) log.error({ err: error }, message);
  };
  const sendFailed = failedTo('outbox could not be read; it is read again');

  /** Not awaited: a receiver that hangs must not keep later messages from the others. */
  async function scheduledSend(): Promise<void> {
    sender.sendDue().catch(sendFailed);
  }

  const startLoops = () => [
    startRounds(scheduledCheck, {
      everyMs: checkEveryMs,
      failed: failedTo('alert check failed; it is made again'),
    }),
    startRounds(scheduledRules, {
      everyMs: checkEveryMs,
      failed: failedTo('rules could not be evaluated; they are evaluated again'),
    }),
    startRounds(checkInternal, {
      everyMs: Math.min(checkEveryMs, internalEveryMs),
      failed: failedTo('what collectors and budgets report could not be read; it is read again'),
    }),
    startRounds(scheduledSend, { everyMs: options.sendEveryMs ?? defaults.sendEveryMs, failed: sendFailed }),
    startRounds(scheduledHeartbeat, {
      everyMs: options.heartbeatEveryMs ?? defaults.heartbeatEveryMs,
      failed: failedTo('the heartbeat could not be sent; it is sent again'),
    }),
  ];
  const loops = deps.timers === false ? [] : startLoops();
  return {
    async runOnce() {
      await inTurn(() => check(false));
      await inTurn(checkRules);
      await checkInternal();
      await sender.sendDue();
    },
    async stop() {
      stopped = true;
      const ended = Promise.all(loops.map(loop => loop.stop()));
      await sender.stop();
      await ended;
      await inTurn(nothing);
    },
  };
}
