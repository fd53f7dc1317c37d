import { writeIngestStatus } from '#store/state/ingest-status.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import { callCost } from '../cost/call-cost.ts';
import { followAll } from '../follow.ts';
import { followed } from '../followed.ts';
import type { CollectorLog } from '../hooks.ts';
import type { CollectorStatus } from '../status.ts';
import { type Storing, type StoringOptions, startStoring } from './storing.ts';

export type FromStateOptions = Omit<StoringOptions, 'price' | 'readingFor'> & {
  state: StateDb;
  privacy: PrivacyDefaults;
};

/**
 * Storing with prices and settings from the state database, looking again now and then; its counters are reported there.
 * Rejects, following nothing, when they cannot be read.
 */
export async function startStoringFromState(options: FromStateOptions): Promise<Storing> {
  const { state, privacy, collectorId, log } = options;
  const { current, stop } = await followAll(
    {
      prices: followed.prices(state),
      mapping: followed.mapping(state),
      privacy: followed.privacy(state, privacy),
    },
    log,
  );
  const reports = reporting(state, collectorId, log);
  const storing = await startStoring({
    ...options,
    price: (call, projectId) => callCost(call, projectId, current.prices()),
    readingFor: () => ({ captureContent: current.privacy().contentCaptured, mapping: current.mapping() }),
    onStatus(status) {
      reports.add(status);
      options.onStatus?.(status);
    },
  }).catch(error => {
    stop();
    throw error;
  });
  return {
    ...storing,
    async stop() {
      await storing.stop();
      stop();
      await reports.written();
    },
  };
}

/** Writes one report after the other. */
function reporting(state: StateDb, collectorId: string, log: CollectorLog) {
  let last = Promise.resolve();
  const write = async (status: CollectorStatus) => {
    try {
      await writeIngestStatus(state, statusRow(collectorId, status, new Date()));
    } catch (error) {
      log.warn({ error }, 'could not report the state of ingest');
    }
  };
  return {
    add(status: CollectorStatus) {
      last = last.then(() => write(status));
    },
    written: () => last,
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
