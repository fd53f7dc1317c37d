import { setTimeout as sleep } from 'node:timers/promises';
import { jobs } from '#alerts/commit.ts';
import { countDemoRows, type DemoSeries, removeDemo, removeStats } from '#store/queries/remove-demo.ts';
import { readIngestStatuses } from '#store/state/ingest-status.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { removeDemoWork } from '#store/state/remove-demo-work.ts';
import { removeSeries } from '#store/state/remove-series.ts';
import type { Services } from './services.ts';

const STEP_MS = 500;
/** Spans wait up to 10 s for their trace to be complete before calls are made of them. */
const QUIET_MS = 3_000;
const LONGEST_WAIT_MS = 30_000;
const ROUNDS = 5;

/** Removes what the demo has sent, once what is still on its way has arrived; repeats while late rows turn up. */
export async function removeDemoData(services: Services): Promise<void> {
  const { clickhouse, projectId, state } = services;
  await removeDemoWork(state, projectId);
  await untilArrived(services);
  const gone: DemoSeries[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    gone.push(...(await removeDemo(clickhouse, projectId)));
    await sleep(STEP_MS);
    if ((await countDemoRows(clickhouse, projectId)) === 0) break;
  }
  if (gone.length === 0) return;
  await forget(services, gone);
  // A roll-up that had read the calls before they went may have written their stats since.
  await removeStats(clickhouse, projectId, gone);
}

async function untilArrived({ clickhouse, state, projectId }: Services): Promise<void> {
  let before = -1;
  let quietMs = 0;
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS && quietMs < QUIET_MS; waitedMs += STEP_MS) {
    const rows = await countDemoRows(clickhouse, projectId);
    const collectors = await readIngestStatuses(state);
    const waiting = collectors.reduce((sum, collector) => sum + collector.waiting, 0);
    quietMs = rows === before && waiting === 0 ? quietMs + STEP_MS : 0;
    if (rows === 0 && waiting === 0) return;
    before = rows;
    await sleep(STEP_MS);
  }
}

/** An alert check under way builds on what is forgotten here; a new check number makes it start again. */
async function forget({ state, projectId }: Services, series: DemoSeries[]): Promise<void> {
  await state.transaction().execute(async db => {
    await removeSeries(db, projectId, series);
    const check = Number((await readProgress(db, jobs.check)) ?? 0);
    await writeProgress(db, jobs.check, String(check + 1));
  });
}
