import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redactor } from '#store/redact/redactor.ts';
import { clearForwardFolder } from './forward/clear.ts';
import { type ForwardingOptions, openForwarder } from './forward/forwarder.ts';
import type { CollectorLog, CrashPoint } from './hooks.ts';
import { defaultBodyLimits } from './receive/body.ts';
import { createIntake } from './receive/intake.ts';
import type { Refused } from './receive/refusal.ts';
import type { Authorize } from './receive/sender.ts';
import { type Receivers, type ReceiveSettings, startReceivers } from './receive/start-receivers.ts';
import { redactMessage } from './redact/message.ts';
import type { Reading } from './settle/described.ts';
import type { CollectorStatus } from './status.ts';
import type { DoorStatus, Storing } from './storing/storing.ts';
import { lockFolder } from './wal/lock.ts';
import { segmentPath } from './wal/segment-file.ts';
import { openWal, type Wal } from './wal/wal.ts';

/** What is seldom changed about receiving. */
export interface DoorSettings extends ReceiveSettings {
  retentionDays: number;
  maxWalBytes: number;
  maxItemsPerRequest: number;
}

export interface DoorOptions {
  /** The write-ahead log is in `wal` below it. */
  dataDir: string;
  host: string;
  /** 0 picks a free port. */
  httpPort: number;
  grpcPort: number;
  authorize: Authorize;
  readingFor: (projectId: string) => Reading;
  redactor: () => Redactor;
  log: CollectorLog;
  crashPoint: CrashPoint;
  now: () => number;
  forward: ForwardingOptions | undefined;
  settings: DoorSettings;
  /** Starts what stores the log, before anything is received. */
  store: (link: StoringLink) => Promise<Storing>;
}

/** What those who store need of the door. */
export interface StoringLink {
  walDir: string;
  door: () => DoorStatus;
  /** See Wal. */
  giveBack: Wal['release'];
  onDamaged: Wal['markDamaged'];
}

export interface Door {
  httpUrl: string;
  /** `host:port`. */
  grpcUrl: string;
  status(): CollectorStatus;
  /** Stops receiving, lets what was received be stored, and leaves the rest in the log. */
  stop(): Promise<void>;
}

/** Shares of the log's limit between which senders wait longer and longer for their acknowledgement. */
const waitShare = { from: 0.6, to: 0.8 };
const longestWaitMs = 1000;

/**
 * Receives OTLP, and makes it durable; everything that takes longer happens behind it, from the log. Rejects when a port is
 * taken or another collector has the folder.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { log, crashPoint, now, settings, redactor } = options;
  const dir = join(options.dataDir, 'wal');
  await mkdir(dir, { recursive: true });
  const unlock = await lockFolder(dir);
  const forwardDir = join(options.dataDir, 'forward');
  if (!options.forward) await clearForwardFolder(forwardDir, log);
  const forwarding = options.forward && { ...options.forward, dir: forwardDir };
  const forwarder = forwarding && (await openForwarder({ ...forwarding, log, now }));
  const { wal, leftovers } = await openWal({
    dir,
    maxBytes: settings.maxWalBytes,
    log,
    crashPoint,
    ...(forwarder && { onSealed: path => forwarder.add(path) }),
  });
  await forwarder?.adopt(leftovers.map(({ segment }) => segmentPath(dir, segment)));
  let acked = leftovers.reduce((sum, { items }) => sum + items, 0);
  const storing = await options.store({
    walDir: dir,
    door: () => ({ acked, walBytes: wal.bytes, forward: forwarder?.status() ?? null }),
    giveBack: (segment, holds) => wal.release(segment, holds),
    onDamaged: segment => wal.markDamaged(segment),
  });
  if (leftovers.length > 0) log.info({ segments: leftovers.length }, 'replaying the write-ahead log');
  for (const leftover of leftovers) storing.add({ ...leftover, holds: 1 });
  forwarder?.start((id, problem) => storing.problem(id, problem));

  /**
   * Those who send faster than the store takes it are slowed down before the log is full, by a wait that grows with it: most
   * send no more until they are answered. When the store is away waiting would help nobody.
   */
  const room = async () => {
    const share = wal.bytes / settings.maxWalBytes;
    if (share <= waitShare.from || !storing.isProgressing()) return;
    await sleep(longestWaitMs * Math.min(1, (share - waitShare.from) / (waitShare.to - waitShare.from)));
  };
  const receive = createIntake({
    room,
    append: record => wal.append(record),
    accept({ items, receivedAtMs }, position) {
      acked += items;
      storing.add({ ...position, items, holds: 1, receivedAtMs });
    },
    onRejected: (signal, projectId, rejected) =>
      storing.refused({ signal, projectId, rejected, isWhole: false, atMs: now() }),
    readingFor: options.readingFor,
    redactor,
    retentionDays: settings.retentionDays,
    maxItems: settings.maxItemsPerRequest,
    maxBytes: settings.body.bytes ?? defaultBodyLimits.bytes,
    crashPoint,
    now,
  });
  const onRefused = ({ signal, projectId, reason, message }: Refused) => {
    const safe = redactMessage(message, redactor());
    const rejected = [{ reason, count: 1, sample: JSON.stringify({ message: safe }), service: '' }];
    const where = { signal: signal ?? ('' as const), projectId: projectId ?? 'default' };
    storing.refused({ ...where, rejected, isWhole: true, atMs: now() });
  };
  const finish = async () => {
    await storing.stop();
    await wal.close();
    await forwarder?.stop();
    await unlock();
  };
  let receivers: Receivers;
  try {
    receivers = await startReceivers({ ...options, settings, receive, onRefused, now });
  } catch (error) {
    await finish();
    throw error;
  }
  return {
    httpUrl: `http://${hostInUrl(options.host)}:${receivers.httpPort}`,
    grpcUrl: `${hostInUrl(options.host)}:${receivers.grpcPort}`,
    status: () => storing.status(),
    async stop() {
      await receivers.stop();
      await finish();
    },
  };
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
