import type { ClickHouse } from '#store/engine/client.ts';
import { knownBefore } from '#store/queries/known-before.ts';
import type { ForwardStatus } from '../forward/status.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import type { Signal } from '../otlp/proto.ts';
import type { Rejection } from '../otlp/request.ts';
import { openAccounting } from '../report/accounting.ts';
import { tellCardinality } from '../report/cardinality.ts';
import type { Told } from '../report/problems.ts';
import { startReporter } from '../report/reporter.ts';
import type { LogPart } from '../settle/backlog.ts';
import { type CardinalityLimits, cardinalityLimits, recallNames } from '../settle/cardinality.ts';
import type { Reading } from '../settle/described.ts';
import type { Patience } from '../settle/open-traces.ts';
import { Pipeline } from '../settle/pipeline.ts';
import type { Price } from '../settle/pricing.ts';
import { StoreKnowledge } from '../settle/store-knowledge.ts';
import { type CollectorStatus, Rejects } from '../status.ts';
import { WalReader } from '../wal/wal-reader.ts';

/** What is seldom changed about storing. */
export interface StoringSettings {
  retentionDays: number;
  maxWalBytes: number;
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

export interface StoringOptions {
  dataDir: string;
  walDir: string;
  collectorId: string;
  clickhouse: ClickHouse;
  /** Prices one call of a project by the newest price book. */
  price: Price;
  readingFor: (projectId: string) => Reading;
  log: CollectorLog;
  crashPoint: CrashPoint;
  now: () => number;
  soleWriter: boolean;
  settings: StoringSettings;
  /** Called about once a second when something has changed. */
  onStatus?: ((status: CollectorStatus) => void) | undefined;
  /** How the door is doing. */
  door: () => DoorStatus;
  /** Gives holds on a segment back to the log. */
  giveBack: (segment: number, holds: number) => void;
  /** The log should know that a segment is damaged. */
  onDamaged: (segment: number) => void;
}

/** What only the door knows of how it is doing. */
export interface DoorStatus {
  /** Items that this process has made durable, and those that were in the log when it began. */
  acked: number;
  walBytes: number;
  /** Null when nothing is forwarded. */
  forward: ForwardStatus | null;
}

/** What was refused, of one request. */
export interface Refusals {
  /** Empty when it was not even known what was sent. */
  signal: Signal | '';
  projectId: string;
  rejected: readonly Rejection[];
  /** The whole request was refused, which no source is known to have sent. */
  isWhole: boolean;
  atMs: number;
}

/**
 * From the log to the store, and the accounts of it. It learns from the door what is in the log and what was refused, and
 * shares nothing else with it, so that it can be a thread of its own.
 */
export interface Storing {
  /** Takes over a part of the log that is durable, with the holds on its segment. */
  add(part: LogPart): void;
  refused(refusals: Refusals): void;
  /** Tells a person of something that is wrong, or is not any more. */
  problem(id: string, problem: Told | null): void;
  /** As it was a second ago at most. */
  status(): CollectorStatus;
  /** Whether the store has just taken something: then less in the log is a matter of moments. */
  isProgressing(): boolean;
  /** Stores what has been received, for a while; the rest stays in the log. */
  stop(): Promise<void>;
}

/** Begins to store what it will be told of. Rejects when the store cannot be asked what it has. */
export async function startStoring(options: StoringOptions): Promise<Storing> {
  const { settings, clickhouse, log, now, readingFor, door } = options;
  const walLimitBytes = settings.maxWalBytes;
  const accounting = await openAccounting({ ...options, ...settings, walLimitBytes });
  const knowledge = options.soleWriter ? new StoreKnowledge(await knownBefore(clickhouse), now()) : null;
  const limits = cardinalityLimits(settings.cardinality);
  await recallNames(limits, clickhouse, log, now());
  const wal = new WalReader({ ...options, dir: options.walDir });
  const pipeline = new Pipeline({ ...options, ...settings, limits, wal, readingFor, accounting, knowledge });
  const rejects = new Rejects();
  const status = (): CollectorStatus => ({
    ...pipeline.status(),
    rejected: { ...rejects.totals },
    report: {
      ...accounting.report(),
      unreadSince: isoOrNull(pipeline.unreadSinceMs),
      unread: pipeline.itemsOnDiskOnly,
    },
    forward: door().forward,
  });
  const standing = () => ({
    waiting: pipeline.status().waiting,
    acked: door().acked,
    stored: pipeline.status().stored,
    readUntilMs: pipeline.unreadSinceMs ?? now(),
    walBytes: door().walBytes,
  });
  const reporter = startReporter({
    status,
    onStatus: options.onStatus,
    storeRejects: () => rejects.flush(clickhouse, log),
    tick: () => {
      tellCardinality(accounting.problems, limits, now());
      return accounting.tick(standing);
    },
  });
  return {
    add: part => pipeline.add(part),
    refused({ signal, projectId, rejected, isWhole, atMs }) {
      rejects.add(signal, projectId, rejected, atMs);
      if (isWhole) accounting.refused();
      else if (signal !== '') accounting.rejected(signal, projectId, rejected, atMs);
    },
    problem(id, problem) {
      if (problem) accounting.problems.raise(id, problem, now());
      else accounting.problems.clear(id);
    },
    status,
    isProgressing: () => pipeline.isProgressing,
    async stop() {
      await pipeline.stop(settings.stopMs);
      await reporter.stop(() => accounting.stop(standing));
    },
  };
}

/** Null also when it could not be read. */
const isoOrNull = (ms: number | null) => (ms ? new Date(ms).toISOString() : null);
