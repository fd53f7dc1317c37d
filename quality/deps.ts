import type { ClickHouse } from '#store/engine/client.ts';
import type { StateDb } from '#store/state/open.ts';

/** Takes what pino takes. */
export interface QualityLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What the quality room works with; time is an argument. */
export interface QualityDeps {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** Unix milliseconds. */
  clock: { now(): number };
  log: QualityLog;
}
