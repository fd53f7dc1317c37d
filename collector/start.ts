import type { Mapping } from '#contract/mapping.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { type Redactor, redactNothing } from '#store/redact/redactor.ts';
import { type Door, type DoorSettings, openDoor, type StoringLink } from './door.ts';
import type { ForwardingOptions } from './forward/forwarder.ts';
import type { CollectorLog, CrashPoint } from './hooks.ts';
import type { Authorize } from './receive/sender.ts';
import type { Price } from './settle/pricing.ts';
import type { CollectorStatus } from './status.ts';
import { type Storing, type StoringSettings, startStoring } from './storing/storing.ts';

/** Receiving, whoever stores what was received. */
export interface ReceivingOptions {
  /** The write-ahead log is in `wal` below it. */
  dataDir: string;
  host: string;
  /** 0 picks a free port. */
  httpPort: number;
  grpcPort: number;
  /** Whether prompts and answers of a project are kept. */
  captureContent: (projectId: string) => boolean;
  /** Takes private values out before anything touches the disk; asked once per request. Default: nothing is looked for. */
  redactor?: () => Redactor;
  log: CollectorLog;
  /** Default: everybody may send, to the project `default`. */
  authorize?: Authorize;
  /** Where people say feature, tenant and the like are; asked once per request. Default: the built-in rules alone. */
  mapping?: () => Mapping | undefined;
  /** Sends everything on to another OTLP receiver. */
  forward?: ForwardingOptions;
  crashPoint?: CrashPoint;
  now?: () => number;
  settings?: Partial<CollectorSettings>;
}

export interface CollectorOptions extends ReceivingOptions {
  clickhouse: ClickHouse;
  /** Prices one call of a project by the newest price book. */
  price: Price;
  /** Called about once a second when something has changed. */
  onStatus?: (status: CollectorStatus) => void;
  /** Names the accounts of this folder; the same for every collector that ever runs on it. */
  collectorId?: string;
  /** No other collector writes to this store, so that it need not be asked about every trace. Default: others may. */
  soleWriter?: boolean;
}

/** What is seldom changed, with defaults below. */
export type CollectorSettings = DoorSettings & StoringSettings;

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

/** Receives and stores. */
export type Collector = Door;

/**
 * A collector in one thread. Rejects when a port is taken or another collector has the folder. Everything acknowledged is
 * on stable storage first, and gets into the store however often this process or the engine is killed in between.
 */
export function startCollector(options: CollectorOptions): Promise<Collector> {
  const { crashPoint = () => {}, now = Date.now, collectorId = 'collector', soleWriter = false } = options;
  const settings = withDefaults(options.settings);
  const readingFor = readingOf(options);
  const shared = { ...options, crashPoint, now, collectorId, soleWriter, settings, readingFor };
  return startReceiving(options, link => startStoring({ ...shared, ...link }));
}

/** Receives, for those who store it. */
export function startReceiving(
  options: ReceivingOptions,
  store: (link: StoringLink) => Promise<Storing>,
): Promise<Door> {
  const {
    crashPoint = () => {},
    now = Date.now,
    redactor = () => redactNothing,
    authorize = () => ({ projectId: 'default', keyId: null }),
    forward,
  } = options;
  const settings = withDefaults(options.settings);
  return openDoor({
    ...options,
    authorize,
    redactor,
    forward,
    crashPoint,
    now,
    settings,
    readingFor: readingOf(options),
    store,
  });
}

export function withDefaults(settings: Partial<CollectorSettings> = {}): CollectorSettings {
  return { ...defaults, ...settings };
}

const readingOf =
  ({ captureContent, mapping }: Pick<ReceivingOptions, 'captureContent' | 'mapping'>) =>
  (projectId: string) => ({ captureContent: captureContent(projectId), mapping: mapping?.() });
