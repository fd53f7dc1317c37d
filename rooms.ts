import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { crashWhenAsked } from '#collector/crash-when-asked.ts';
import { parseHeaders } from '#collector/forward/headers.ts';
import { doorPointNames } from '#collector/hooks.ts';
import { bearerKey } from '#collector/receive/bearer-key.ts';
import type { CollectorSettings } from '#collector/start.ts';
import { type ClickHouse, type ClickHouseAddress, openClickHouse } from '#store/engine/client.ts';
import { embeddedIn, markEmbedded } from '#store/engine/embedded-mark.ts';
import { migrate } from '#store/engine/migrate.ts';
import { startEngine } from '#store/engine/supervise.ts';
import { fromPackageRoot } from '#store/package-root.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { isLoopback, type Settings } from './config.ts';

const { version } = JSON.parse(readFileSync(fromPackageRoot('package.json'), 'utf8')) as { version: string };

export const roomNames = ['engine', 'collector', 'api'] as const;
export type RoomName = (typeof roomNames)[number];

/** A room that runs in this process, and where it listens. */
export interface RunningRoom {
  addresses: Record<string, string>;
  stop(): Promise<void>;
}

export function isRoomName(name: string): name is RoomName {
  return (roomNames as readonly string[]).includes(name);
}

/** Starts one room in this process and tells the supervisor, if there is one, where it listens. */
export async function startRoom(name: RoomName, settings: Settings, log: Logger): Promise<RunningRoom> {
  const running = await rooms[name](settings, log);
  process.send?.({ ready: true, addresses: running.addresses });
  log.info(`${name} ready`);
  return running;
}

/** A room's code is loaded where it runs: the others, which start one after the other, need not wait for it. */
const rooms: Record<RoomName, (settings: Settings, log: Logger) => Promise<RunningRoom>> = {
  async engine(settings, log) {
    const engine = await startEngine({
      dataDir: settings.dataDir,
      log,
      ...(settings.engineMemoryMb && { maxMemoryBytes: settings.engineMemoryMb * 1_048_576 }),
    });
    await engine.ready;
    await markEmbedded(engine, realpathSync(settings.dataDir));
    const addresses = {
      clickhouseUrl: engine.url,
      clickhouseUser: engine.user,
      clickhousePassword: engine.password,
    };
    // So that a collector or api started by hand on this folder finds the engine.
    writeFileSync(engineFile(settings), JSON.stringify(addresses), { mode: 0o600 });
    return { addresses, stop: () => engine.stop() };
  },

  async collector(settings, log) {
    const { runCollector } = await import('#collector/run.ts');
    const crashFile = process.env.DRIFTLINE_TEST_CRASH_FILE;
    const soleWriter = await isSoleWriter(settings);
    await migrate(engineAddress(settings));
    // The door only reads there; the thread that stores has its own.
    const state = await openStateOf(settings);
    const collector = await runCollector({
      dataDir: settings.dataDir,
      host: settings.host,
      httpPort: settings.otlpHttpPort,
      grpcPort: settings.otlpGrpcPort,
      state,
      soleWriter,
      storing: {
        file: fromPackageRoot('dist/collector/storing/thread.js'),
        clickhouse: engineAddress(settings),
        databaseUrl: settings.databaseUrl,
        crashFile,
      },
      privacy: privacyDefaults(settings),
      authorize: bearerKey(ingestKeys(settings)),
      log,
      ...(settings.forwardUrl && {
        forward: {
          url: settings.forwardUrl,
          headers: parseHeaders(settings.forwardHeaders),
          limitBytes: settings.forwardLimitMb * bytesPerMb,
        },
      }),
      settings: collectorSettings(settings),
      ...(crashFile && { crashPoint: crashWhenAsked(crashFile, doorPointNames) }),
    });
    const addresses = { otlpHttp: collector.httpUrl, otlpGrpc: collector.grpcUrl };
    const stop = async () => {
      await collector.stop();
      await state.destroy();
    };
    return { addresses, stop };
  },

  async api(settings, log) {
    const { startApi } = await import('#api/start.ts');
    const stores = await openStores(settings);
    const api = await startApi({
      host: settings.host,
      port: settings.port,
      ...stores,
      log,
      about: {
        version,
        otlpHttpUrl: `http://${hostInUrl(settings.host)}:${settings.otlpHttpPort}`,
        otlpGrpcUrl: `${hostInUrl(settings.host)}:${settings.otlpGrpcPort}`,
        keyRequired: ingestKeys(settings).length > 0,
        localMode: isLocal(settings),
        privacy: privacyDefaults(settings),
        reportingZone: settings.reportingZone,
        smtp: settings.smtpUrl ? { url: settings.smtpUrl, from: settings.smtpFrom } : undefined,
      },
      adminKey: settings.adminKey,
      financeKey: settings.financeKey,
      publicUrl: settings.publicUrl,
      webDir: fromPackageRoot('dist/web'),
      decisions: {
        file: fromPackageRoot('dist/api/decisions/thread.js'),
        dataDir: settings.dataDir,
        databaseUrl: settings.databaseUrl,
        clickhouse: engineAddress(settings),
      },
      demo: {
        childFile: fromPackageRoot('dist/demo/child.js'),
        key: settings.ingestKey ?? settings.adminKey,
      },
      alerts: { checkEveryMs: settings.checkSeconds * 1000 },
    });
    // Of this thread alone, on Linux: the one that answers decisions, and the collector, go before pages and jobs.
    if (process.platform === 'linux') setPriority(apiNiceness);
    const stop = async () => {
      await api.stop();
      await stores.clickhouse.close();
      await stores.state.destroy();
    };
    return { addresses: { url: api.url }, stop };
  },
};

/** Between those who answer at once (0) and the engine (10). */
const apiNiceness = 5;
const bytesPerMb = 1_048_576;
const defaultKeyLimitMb = 20;

/** What one sender may do, so that it takes nothing from the others. */
function collectorSettings(settings: Settings): Partial<CollectorSettings> {
  const keyLimitMb = settings.keyLimitMb ?? (ingestKeys(settings).length > 0 ? defaultKeyLimitMb : 0);
  const bytes = settings.bodyLimitMb * bytesPerMb;
  return {
    retentionDays: settings.retentionDays,
    maxWalBytes: settings.walLimitMb * bytesPerMb,
    maxItemsPerRequest: settings.requestItemLimit,
    maxInFlightBytes: settings.inFlightLimitMb * bytesPerMb,
    keyBytesPerS: keyLimitMb > 0 ? keyLimitMb * bytesPerMb : null,
    body: { bytes, compressedBytes: Math.ceil(bytes / 4) },
    connections: { total: settings.connectionLimit, perAddress: settings.addressConnectionLimit },
  };
}

/** Bound to loopback without an admin key, only this machine's users can reach Driftline: no login. */
const isLocal = (settings: Settings) => isLoopback(settings.host) && settings.adminKey === undefined;

const privacyDefaults = ({ captureContent, host }: Settings) => ({
  captureContent,
  isLoopback: isLoopback(host),
});

const ingestKeys = ({ ingestKey, adminKey }: Settings) =>
  [ingestKey, adminKey].filter(key => key !== undefined);

/** An address as others on this machine write it in a URL. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

interface Stores {
  clickhouse: ClickHouse;
  state: StateDb;
}

/** Both databases, with their schemas brought up to date. */
async function openStores(settings: Settings): Promise<Stores> {
  const address = engineAddress(settings);
  await migrate(address);
  return { state: await openStateOf(settings), clickhouse: openClickHouse(address) };
}

function openStateOf({ dataDir, databaseUrl }: Settings): Promise<StateDb> {
  return openState({ dataDir, ...(databaseUrl && { databaseUrl }) });
}

function engineAddress(settings: Settings): ClickHouseAddress {
  if (settings.clickhouseUrl) {
    return {
      url: settings.clickhouseUrl,
      user: settings.clickhouseUser,
      password: settings.clickhousePassword,
    };
  }
  try {
    const written = JSON.parse(readFileSync(engineFile(settings), 'utf8')) as Record<string, string>;
    return {
      url: written.clickhouseUrl ?? '',
      user: written.clickhouseUser ?? '',
      password: written.clickhousePassword ?? '',
    };
  } catch (cause) {
    throw new Error(
      `no engine has been started on ${settings.dataDir}: run \`npm start -- engine\`, or set CLICKHOUSE_URL`,
      {
        cause,
      },
    );
  }
}

/**
 * Whether the store is the embedded engine of this very folder, to which only one collector writes, since only one can
 * lock the folder. Throws when it is that of another folder, whose collector relies on being the only one.
 */
async function isSoleWriter(settings: Settings): Promise<boolean> {
  const owner = await embeddedIn(engineAddress(settings));
  if (owner === null || owner === realpathSync(settings.dataDir)) return owner !== null;
  throw new Error(
    `CLICKHOUSE_URL is the embedded engine of ${owner}, which only takes what its own collector sends: ` +
      'send to that collector instead, or run a ClickHouse server for both',
  );
}

function engineFile(settings: Settings): string {
  return join(settings.dataDir, 'engine.json');
}
