import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreateDurably } from '#store/durable-file.ts';
import { priceBookReader } from '#store/prices/load.ts';
import { privacyInUse } from '#store/redact/in-use.ts';
import { writeIngestStatus } from '#store/state/ingest-status.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import { readSetting } from '#store/state/settings.ts';
import { callCost } from './cost/call-cost.ts';
import { type Followed, follow } from './follow.ts';
import type { CollectorLog } from './hooks.ts';
import { mappingInUse } from './request/association.ts';
import { type Collector, type CollectorOptions, startCollector } from './start.ts';
import type { CollectorStatus } from './status.ts';

export type RunOptions = Omit<CollectorOptions, FromState> & { state: StateDb; privacy: PrivacyDefaults };

type FromState = 'price' | 'mapping' | 'captureContent' | 'redactor' | 'onStatus' | 'collectorId';

const pricesEveryMs = 5000;
const settingsEveryMs = 2000;

/** A collector that takes its prices and settings from the state database, looking again now and then, and reports its counters there. */
export async function runCollector({ state, privacy: defaults, ...options }: RunOptions): Promise<Collector> {
  const collectorId = await readOrCreateId(options.dataDir);
  const { prices, mapping, privacy, stop } = await followState(state, defaults, options.log);
  let reporting = Promise.resolve();
  const report = async (status: CollectorStatus) => {
    try {
      await writeIngestStatus(state, statusRow(collectorId, status, new Date()));
    } catch (error) {
      options.log.warn({ error }, 'could not report the state of ingest');
    }
  };
  const collector = await startCollector({
    ...options,
    collectorId,
    price: (call, projectId) => callCost(call, projectId, prices.current()),
    mapping: mapping.current,
    captureContent: () => privacy.current().contentCaptured,
    redactor: () => privacy.current().redactor,
    onStatus: status => {
      reporting = reporting.then(() => report(status));
    },
  }).catch(error => {
    stop();
    throw error;
  });
  return {
    ...collector,
    async stop() {
      stop();
      await collector.stop();
      await reporting;
    },
  };
}

/** All that is read from the state database while the collector runs. Rejects, following nothing, when one cannot be read. */
async function followState(state: StateDb, defaults: PrivacyDefaults, log: CollectorLog) {
  const followed: Followed<unknown>[] = [];
  const stop = () => {
    for (const each of followed) each.stop();
  };
  const also = async <T>(read: () => Promise<T>, everyMs: number, what: string) => {
    const one = await follow(
      read,
      everyMs,
      `could not read ${what} again; what was known before is used`,
      log,
    );
    followed.push(one);
    return one;
  };
  const mappingOf = async () => {
    const setting = await readSetting(state, 'mapping');
    return setting ? mappingInUse(setting.mapping) : undefined;
  };
  try {
    return {
      prices: await also(priceBookReader(state), pricesEveryMs, 'the prices'),
      mapping: await also(mappingOf, settingsEveryMs, 'the mapping'),
      privacy: await also(privacyInUse(state, defaults), settingsEveryMs, 'the privacy settings'),
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function statusRow(collectorId: string, status: CollectorStatus, at: Date) {
  const { acked, stored, waiting, rejected, lastReceivedAtMs, report } = status;
  const last_received_at = lastReceivedAtMs === null ? null : new Date(lastReceivedAtMs).toISOString();
  return {
    collector_id: collectorId,
    at: at.toISOString(),
    acked,
    stored,
    waiting,
    rejected,
    last_received_at,
    report,
  };
}

/** The same for every collector that ever runs on this folder, so that it replaces its own counters. */
async function readOrCreateId(dataDir: string): Promise<string> {
  await mkdir(join(dataDir, 'wal'), { recursive: true });
  return readOrCreateDurably(join(dataDir, 'wal', 'collector-id'), randomUUID);
}
