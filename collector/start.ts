import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mapping } from '#contract/mapping.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { knownBefore } from '#store/queries/known-before.ts';
import { type Redactor, redactNothing } from '#store/redact/redactor.ts';
import { clearForwardFolder } from './forward/clear.ts';
import { type ForwardingOptions, openForwarder } from './forward/forwarder.ts';
import type { CollectorLog, CrashPoint } from './hooks.ts';
import { defaultBodyLimits } from './receive/body.ts';
import { createIntake } from './receive/intake.ts';
import type { Refused } from './receive/refusal.ts';
import type { Authorize } from './receive/sender.ts';
import { type Receivers, type ReceiveSettings, startReceivers } from './receive/start-receivers.ts';
import { redactMessage } from './redact/message.ts';
import { openAccounting } from './report/accounting.ts';
import { tellCardinality } from './report/cardinality.ts';
import { startReporter } from './report/reporter.ts';
import { type CardinalityLimits, cardinalityLimits, recallNames } from './settle/cardinality.ts';
import type { Patience } from './settle/open-traces.ts';
import { Pipeline } from './settle/pipeline.ts';
import type { Price } from './settle/pricing.ts';
import { StoreKnowledge } from './settle/store-knowledge.ts';
import { type CollectorStatus, Rejects } from './status.ts';
import { lockFolder } from './wal/lock.ts';
import { segmentPath } from './wal/segment-file.ts';
import { openWal } from './wal/wal.ts';

export interface CollectorOptions {
  /** The write-ahead log is in `wal` below it. */
  dataDir: string;
  host: string;
  /** 0 picks a free port. */
  httpPort: number;
  grpcPort: number;
  clickhouse: ClickHouse;
  /** Prices one call of a project by the newest price book. */
  price: Price;
  /** Whether prompts and answers of a project are kept. */
  captureContent: (projectId: string) => boolean;
  /** Takes private values out before anything touches the disk; asked once per request. Default: nothing is looked for. */
  redactor?: () => Redactor;
  log: CollectorLog;
  /** Default: everybody may send, to the project `default`. */
  authorize?: Authorize;
  /** Where people say feature, tenant and the like are; asked once per request. Default: the built-in rules alone. */
  mapping?: () => Mapping | undefined;
  /** Called about once a second when something has changed. */
  onStatus?: (status: CollectorStatus) => void;
  /** Names the accounts of this folder; the same for every collector that ever runs on it. */
  collectorId?: string;
  /** Sends everything on to another OTLP receiver. */
  forward?: ForwardingOptions;
  /** No other collector writes to this store, so that it need not be asked about every trace. Default: others may. */
  soleWriter?: boolean;
  crashPoint?: CrashPoint;
  now?: () => number;
  settings?: Partial<CollectorSettings>;
}

/** What is seldom changed, with defaults below. */
interface CollectorSettings extends ReceiveSettings {
  retentionDays: number;
  maxWalBytes: number;
  maxItemsPerRequest: number;
  flushMs: number;
  flushRows: number;
  patience: Patience;
  /** Spans and records in memory; what comes beyond waits on disk. */
  maxItemsInMemory: number;
  /** The same in bytes as sent: a few long prompts fill memory sooner than many short spans. */
  maxBytesInMemory: number;
  cardinality: CardinalityLimits;
  /** How long stop() tries to store what is waiting; the rest stays in the write-ahead log. */
  stopMs: number;
}

const defaults: CollectorSettings = {
  retentionDays: 90,
  maxWalBytes: 5 * 1024 ** 3,
  maxItemsPerRequest: 20_000,
  body: {},
  connections: {},
  timeouts: {},
  keyBytesPerS: null,
  maxInFlightBytes: 256 * 1024 * 1024,
  ackTimeoutMs: 5000,
  flushMs: 500,
  flushRows: 30_000,
  patience: { quietMs: 2000, longestMs: 10_000 },
  maxItemsInMemory: 250_000,
  maxBytesInMemory: 256 * 1024 * 1024,
  cardinality: { attributes: 2000, features: 1000, models: 1000 },
  stopMs: 10_000,
};

export interface Collector {
  httpUrl: string;
  /** `host:port`. */
  grpcUrl: string;
  status(): CollectorStatus;
  /** Stops receiving, stores what it can and leaves the rest in the write-ahead log. */
  stop(): Promise<void>;
}

/**
 * Starts receiving OTLP. Rejects when a port is taken or another collector has the folder. Everything acknowledged is on
 * stable storage first, and gets into the store however often this process or the engine is killed in between.
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { log, clickhouse, crashPoint = () => {}, now = Date.now } = options;
  const settings = { ...defaults, ...options.settings };
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
  const readingFor = (projectId: string) => ({
    captureContent: options.captureContent(projectId),
    mapping: options.mapping?.(),
  });
  const accounting = await openAccounting({
    ...options,
    ...settings,
    collectorId: options.collectorId ?? 'collector',
    now,
    readingFor,
    walLimitBytes: settings.maxWalBytes,
  });
  const knowledge = options.soleWriter ? new StoreKnowledge(await knownBefore(clickhouse), now()) : null;
  const limits = cardinalityLimits(settings.cardinality);
  await recallNames(limits, clickhouse, log, now());
  const shared = { limits, crashPoint, now, wal, walDir: dir, readingFor, accounting, knowledge };
  const pipeline = new Pipeline({ ...options, ...settings, ...shared });
  if (leftovers.length > 0) log.info({ segments: leftovers.length }, 'replaying the write-ahead log');
  for (const leftover of leftovers) pipeline.replay(leftover);
  forwarder?.start((id, problem) => {
    if (problem) accounting.problems.raise(id, problem, now());
    else accounting.problems.clear(id);
  });

  const rejects = new Rejects();
  const redactor = options.redactor ?? (() => redactNothing);
  const receive = createIntake({
    room: () => pipeline.room(),
    append: record => wal.append(record),
    release: segment => wal.release(segment),
    accept: (batch, record, position) => pipeline.accept(batch, record, position),
    onRejected: (signal, projectId, rejected) => {
      rejects.add(signal, projectId, rejected, now());
      accounting.rejected(signal, projectId, rejected);
    },
    readingFor,
    redactor,
    retentionDays: settings.retentionDays,
    maxItems: settings.maxItemsPerRequest,
    maxBytes: settings.body.bytes ?? defaultBodyLimits.bytes,
    crashPoint,
    now,
  });
  const onRefused = ({ signal, projectId, reason, message }: Refused) => {
    const safe = redactMessage(message, redactor());
    const rejected = { reason, count: 1, sample: JSON.stringify({ message: safe }), service: '' };
    rejects.add(signal ?? '', projectId ?? 'default', [rejected], now());
    accounting.refused();
  };
  const status = () => ({
    ...pipeline.status(),
    rejected: { ...rejects.totals },
    report: accounting.report(),
    forward: forwarder?.status() ?? null,
  });
  const standing = () => ({
    waiting: pipeline.status().waiting,
    onDiskOnly: pipeline.itemsOnDiskOnly,
    walBytes: wal.bytes,
  });
  const reporter = startReporter({
    status,
    onStatus: options.onStatus,
    storeRejects: () => rejects.flush(clickhouse, log),
    tick: () => {
      tellCardinality(accounting.problems, limits, now());
      return accounting.tick(standing());
    },
  });

  const finish = async () => {
    await pipeline.stop(settings.stopMs);
    await reporter.stop(() => accounting.stop(standing()));
    await wal.close();
    await forwarder?.stop();
    await unlock();
  };
  let receivers: Receivers;
  try {
    const authorize = options.authorize ?? (() => ({ projectId: 'default', keyId: null }));
    receivers = await startReceivers({ ...options, settings, receive, authorize, onRefused, now });
  } catch (error) {
    await finish();
    throw error;
  }
  return {
    httpUrl: `http://${hostInUrl(options.host)}:${receivers.httpPort}`,
    grpcUrl: `${hostInUrl(options.host)}:${receivers.grpcPort}`,
    status,
    async stop() {
      await receivers.stop();
      await finish();
    },
  };
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
