import { parseArgs } from 'node:util';
import { startDriftline } from '../support/driftline.ts';
import { startTestEngine } from '../support/engine.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { outageRun } from './outage-run.ts';

/** `npm run test:outage -- --minutes 60 --rate 1000`: ClickHouse is away for so long at so many spans a second. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '60' },
      rate: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '20261121' },
    },
  });
  const engine = await startTestEngine();
  const proxy = await startFaultyProxy(engine.url);
  const driftline = await startDriftline({
    CLICKHOUSE_URL: proxy.url,
    CLICKHOUSE_USER: engine.user,
    CLICKHOUSE_PASSWORD: engine.password,
    DRIFTLINE_LOG_LEVEL: 'error',
  });
  try {
    const outcome = await outageRun({
      driftline,
      seed: Number(values.seed),
      seconds: Number(values.minutes) * 60,
      spansPerSecond: Number(values.rate),
      takeAway: () => proxy.become('refuse'),
      giveBack: () => proxy.become('none'),
      meanwhile: async (second, acked) => {
        if (second % 60 === 0)
          console.log(`${second / 60} min without the store, ${acked} spans acknowledged`);
      },
      catchUpSeconds: 1_800,
    });
    const [row] = await engine.clickhouse.query<{ stored: string; rows: string }>(
      'SELECT uniqExact(trace_id, span_id) AS stored, count() AS rows FROM spans FINAL',
    );
    const acked = new Set(outcome.acked).size;
    const [lost, doubled] = [acked - Number(row!.stored), Number(row!.rows) - Number(row!.stored)];
    console.log(
      `${values.minutes} min without the store (seed ${values.seed}): ${acked} spans acknowledged, ${lost} lost, ${doubled} doubled, ` +
        `${outcome.tries - outcome.requests} requests repeated, caught up in ${Math.round(outcome.catchUpMs / 1000)} s, ` +
        `collector at most ${outcome.collectorPeakMb ?? '?'} MB`,
    );
    return lost || doubled ? 1 : 0;
  } finally {
    await driftline.stop();
    await proxy.stop();
    await engine.stop();
  }
}
