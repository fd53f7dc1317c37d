import type { ClickHouse } from '#store/engine/client.ts';
import type { StateDb } from '#store/state/open.ts';

/** What the alerts room works with. Time and chance are arguments, so weeks of history can be checked in seconds. */
export interface AlertsDeps {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  clock: Clock;
  log: AlertsLog;
}

export interface Clock {
  /** Unix milliseconds. */
  now(): number;
}

/** The part of a pino logger that is used here. */
export interface AlertsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
