import { randomUUID } from 'node:crypto';
import {
  type DeliveryContent,
  type DeliveryTarget,
  deliveryContent,
  deliveryTarget,
} from '#contract/delivery.ts';
import { type Job, startJob } from '#store/job.ts';
import {
  claimRun,
  type DeliveryRow,
  type DeliveryRunRow,
  getDelivery,
  listDeliveryRows,
  queueRun,
  scheduledPeriods,
  settleRun,
} from '#store/state/deliveries.ts';
import type { StateDb } from '#store/state/open.ts';
import type { LedgerLog } from '../deps.ts';
import { duePeriods, lastPeriod, type Period } from './period.ts';

/** What was made for one run, and is gone afterwards. */
export interface Made {
  name: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  dispose(): Promise<void>;
}

export type Sent =
  | { outcome: 'delivered' }
  | { outcome: 'failed'; error: string; retryAfterMs: number | null };

/** One thing to send: settings as they were stored, and the period it is of. */
export interface Errand {
  delivery: DeliveryRow;
  content: DeliveryContent;
  target: DeliveryTarget;
  run: DeliveryRunRow;
}

export interface DelivererDeps<File extends Made> {
  state: StateDb;
  projectId: string;
  clock: { now(): number };
  log: LedgerLog;
  /** IANA zone whose days, weeks and months are sent. */
  zone(): Promise<string>;
  make(errand: Errand): Promise<File>;
  /** Never throws for what a receiver or the network does: that is a failed attempt. */
  send(errand: Errand, file: File, signal: AbortSignal): Promise<Sent>;
  /** How long to wait after so many failed attempts; null when there is no further one. */
  nextWaitMs(attempts: number, retryAfterMs: number | null): number | null;
}

const everyMs = 5_000;
/** A month of 100 million calls takes seconds to write and perhaps minutes to send. */
const leaseMs = 15 * 60_000;
/** After a long silence only so many periods are made up for. */
const mostPeriods = 7;
const mostInOneRound = 100;

/** Sends files and statements when they are due: at least once each, also after a restart, by whichever process comes first. */
export function startDeliverer<File extends Made>(
  deps: DelivererDeps<File>,
  { timers }: { timers: boolean },
): Job {
  return startJob(signal => round(deps, signal), {
    everyMs,
    timers,
    failed: error => deps.log.error({ err: error }, 'deliveries could not be looked at; it is tried again'),
  });
}

async function round<File extends Made>(deps: DelivererDeps<File>, signal: AbortSignal): Promise<void> {
  const { state, projectId, clock } = deps;
  const zone = await deps.zone();
  for (const delivery of await listDeliveryRows(state, projectId)) await queueDue(deps, delivery, zone);
  for (let sent = 0; sent < mostInOneRound && !signal.aborted; sent += 1) {
    const run = await claimRun(state, { now: iso(clock.now()), leaseMs });
    if (!run) return;
    await attempt(deps, run, signal);
  }
}

async function queueDue<File extends Made>(
  { state, clock }: DelivererDeps<File>,
  delivery: DeliveryRow,
  zone: string,
): Promise<void> {
  const nowMs = clock.now();
  const { schedule, hour, delivery_id, created_at } = delivery;
  const due = duePeriods(
    { schedule, hour, zone },
    { sinceMs: Date.parse(created_at), nowMs, most: mostPeriods },
  );
  if (due.length === 0) return;
  const queued = await scheduledPeriods(state, delivery_id);
  for (const period of due.filter(({ label }) => !queued.has(label)).reverse())
    await queueRun(state, runOf(delivery, period, { zone, asked: 'schedule', nowMs }));
}

/** Queues the newest period that is over, besides what the schedule sends. */
export async function queueNow(
  state: StateDb,
  delivery: DeliveryRow,
  { zone, nowMs }: { zone: string; nowMs: number },
): Promise<DeliveryRunRow> {
  const { schedule, hour } = delivery;
  const run = runOf(delivery, lastPeriod({ schedule, hour, zone }, nowMs), { zone, asked: 'now', nowMs });
  await queueRun(state, run);
  const waiting = { next_attempt_at: run.queued_at, leased_until: null, delivered_at: null };
  return { ...run, ...waiting, attempts: 0, failed_at: null, error: null, file: null };
}

function runOf(
  { delivery_id }: DeliveryRow,
  { label, fromMs, toMs }: Period,
  { zone, asked, nowMs }: { zone: string; asked: 'schedule' | 'now'; nowMs: number },
) {
  return {
    run_id: randomUUID(),
    delivery_id,
    period: label,
    from_at: iso(fromMs),
    to_at: iso(toMs),
    zone,
    asked,
    queued_at: iso(nowMs),
  };
}

async function attempt<File extends Made>(
  deps: DelivererDeps<File>,
  run: DeliveryRunRow,
  signal: AbortSignal,
): Promise<void> {
  const { state, clock, log } = deps;
  const delivery = await getDelivery(state, run.delivery_id);
  // Removed since it was claimed; its runs are gone as well.
  if (!delivery) return;
  const about = { delivery: delivery.name, period: run.period, attempt: run.attempts };
  const { sent, file } = await makeAndSend(deps, delivery, run, signal);
  const described = file && JSON.stringify({ name: file.name, bytes: file.bytes, sha256: file.sha256 });
  if (sent.outcome === 'delivered') {
    const at = iso(clock.now());
    await settleRun(state, run, {
      delivered_at: at,
      failed_at: null,
      next_attempt_at: null,
      error: null,
      file: described,
    });
    log.info(about, 'delivered');
    return;
  }
  const waitMs = signal.aborted ? 0 : deps.nextWaitMs(run.attempts, sent.retryAfterMs);
  await settleRun(state, run, {
    delivered_at: null,
    failed_at: waitMs === null ? iso(clock.now()) : null,
    next_attempt_at: waitMs === null ? null : iso(clock.now() + waitMs),
    error: sent.error.slice(0, 500),
    file: described,
  });
  log.warn({ ...about, error: sent.error, wait_ms: waitMs }, 'not delivered');
}

async function makeAndSend<File extends Made>(
  deps: DelivererDeps<File>,
  delivery: DeliveryRow,
  run: DeliveryRunRow,
  signal: AbortSignal,
): Promise<{ sent: Sent; file: File | null }> {
  let file: File | null = null;
  try {
    const content = deliveryContent.parse(JSON.parse(delivery.content));
    const target = deliveryTarget.parse(JSON.parse(delivery.target));
    const errand = { delivery, content, target, run };
    file = await deps.make(errand);
    return { sent: await deps.send(errand, file, signal), file };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { sent: { outcome: 'failed', error: text, retryAfterMs: null }, file };
  } finally {
    await file?.dispose();
  }
}

const iso = (ms: number) => new Date(ms).toISOString();
