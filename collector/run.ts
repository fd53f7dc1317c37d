import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreateDurably } from '#store/durable-file.ts';
import { loadPriceBook } from '#store/prices/load.ts';
import { writeIngestStatus } from '#store/state/ingest-status.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import { callCost } from './cost/call-cost.ts';
import { followMapping } from './follow-mapping.ts';
import { followPrivacy } from './follow-privacy.ts';
import { type Collector, type CollectorOptions, startCollector } from './start.ts';
import type { CollectorStatus } from './status.ts';

export type RunOptions = Omit<CollectorOptions, FromState> & { state: StateDb; privacy: PrivacyDefaults };

type FromState = 'price' | 'mapping' | 'captureContent' | 'redactor' | 'onStatus' | 'collectorId';

const refreshMs = 60_000;

/** A collector that takes its prices and settings from the state database, looking again now and then, and reports its counters there. */
export async function runCollector({ state, privacy: defaults, ...options }: RunOptions): Promise<Collector> {
  const { log } = options;
  const collectorId = await readOrCreateId(options.dataDir);
  let book = await loadPriceBook(state);
  const refresh = async () => {
    try {
      book = await loadPriceBook(state);
    } catch (error) {
      log.warn({ error }, 'could not read the prices again; the ones known before are used');
    }
  };
  const mapping = await followMapping(state, log);
  const privacy = await followPrivacy(state, defaults, log);
  const timer = setInterval(() => void refresh(), refreshMs);
  let reporting = Promise.resolve();
  const report = async (status: CollectorStatus) => {
    try {
      await writeIngestStatus(state, statusRow(collectorId, status, new Date()));
    } catch (error) {
      log.warn({ error }, 'could not report the state of ingest');
    }
  };
  const collector = await startCollector({
    ...options,
    collectorId,
    price: call => callCost(call, book),
    mapping: mapping.current,
    captureContent: () => privacy.current().contentCaptured,
    redactor: () => privacy.current().redactor,
    onStatus: status => {
      reporting = reporting.then(() => report(status));
    },
  }).catch(error => {
    clearInterval(timer);
    mapping.stop();
    privacy.stop();
    throw error;
  });
  return {
    ...collector,
    async stop() {
      clearInterval(timer);
      mapping.stop();
      privacy.stop();
      await collector.stop();
      await reporting;
    },
  };
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
