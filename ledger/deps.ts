import type { ClickHouse } from '#store/engine/client.ts';
import type { StateDb } from '#store/state/open.ts';

/** Takes what pino takes. */
export interface LedgerLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface LedgerDeps {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** Unix milliseconds. */
  clock: { now(): number };
  log: LedgerLog;
}
