import { rm } from 'node:fs/promises';
import { type ClickHouse, openClickHouse } from '../../store/engine/client.ts';
import { migrate } from '../../store/engine/migrate.ts';
import { type Engine, type EngineLog, startEngine } from '../../store/engine/supervise.ts';
import { preparedDataDir } from './prepared-engine.ts';

export interface TestEngine {
  clickhouse: ClickHouse;
  url: string;
  user: string;
  password: string;
  dataDir: string;
  engine: Engine;
  /** Stops the engine and removes its folder; call it in `afterAll`. */
  stop(): Promise<void>;
}

export const quietLog: EngineLog = { info() {}, warn() {}, error() {} };

/**
 * A real embedded ClickHouse in a temporary folder, capped at 1 GB, with our schema applied. It ends with
 * the test process even when that is killed. One per test file (`beforeAll`) is plenty: it takes about a second.
 */
export async function startTestEngine(): Promise<TestEngine> {
  const dataDir = await preparedDataDir('driftline-test-');
  // Its folder goes with it, so there is nothing to bring in order before it ends. A machine that does too much at once is not
  // an engine that froze.
  const timings = { stopGraceMs: 0, pingsMissedAtMost: 60 };
  const engine = await startEngine({ dataDir, maxMemoryBytes: 1e9, log: quietLog, timings });
  const { url, user, password } = engine;
  const clickhouse = openClickHouse({ url, user, password });
  const stop = async () => {
    await clickhouse.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await engine.ready;
    await migrate({ url, user, password });
    // Tests say when their data was made: what they write must not be past its time to live on the day on which they run.
    await clickhouse.command('SYSTEM STOP TTL MERGES');
  } catch (error) {
    await stop();
    throw error;
  }
  return { clickhouse, url, user, password, dataDir, engine, stop };
}
