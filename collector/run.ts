import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreateDurably } from '#store/durable-file.ts';
import type { ClickHouse, ClickHouseAddress } from '#store/engine/client.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import { followAll } from './follow.ts';
import { followed } from './followed.ts';
import { type Collector, type ReceivingOptions, startReceiving, withDefaults } from './start.ts';
import { startStoringFromState } from './storing/from-state.ts';
import { startStoringThread } from './storing/start-thread.ts';

export interface RunOptions
  extends Omit<ReceivingOptions, 'mapping' | 'captureContent' | 'redactor' | 'now'> {
  state: StateDb;
  privacy: PrivacyDefaults;
  /** See CollectorOptions. */
  soleWriter?: boolean;
  /** In this thread, or in one of its own from a compiled file. */
  storing: { clickhouse: ClickHouse } | StoringThread;
}

interface StoringThread {
  file: string;
  clickhouse: ClickHouseAddress;
  databaseUrl?: string | undefined;
  crashFile?: string | undefined;
}

/** A collector that takes its prices and settings from the state database, and reports its counters there. */
export async function runCollector({
  state,
  privacy,
  storing,
  soleWriter = false,
  ...options
}: RunOptions): Promise<Collector> {
  const { dataDir, log, crashPoint = () => {} } = options;
  const collectorId = await readOrCreateId(dataDir);
  const { current, stop } = await followAll(
    { mapping: followed.mapping(state), privacy: followed.privacy(state, privacy) },
    log,
  );
  const settings = withDefaults(options.settings);
  const collector = await startReceiving(
    {
      ...options,
      mapping: current.mapping,
      captureContent: () => current.privacy().contentCaptured,
      redactor: () => current.privacy().redactor,
    },
    link => {
      const shared = { ...link, dataDir, log, collectorId, soleWriter, privacy, settings };
      return 'file' in storing
        ? startStoringThread({ ...shared, ...storing })
        : startStoringFromState({ ...shared, ...storing, state, crashPoint, now: Date.now });
    },
  ).catch(error => {
    stop();
    throw error;
  });
  return {
    ...collector,
    async stop() {
      stop();
      await collector.stop();
    },
  };
}

/** The same for every collector that ever runs on this folder, so that it replaces its own counters. */
async function readOrCreateId(dataDir: string): Promise<string> {
  await mkdir(join(dataDir, 'wal'), { recursive: true });
  return readOrCreateDurably(join(dataDir, 'wal', 'collector-id'), randomUUID);
}
