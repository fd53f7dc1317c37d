import type { AlertsDeps } from '#alerts/deps.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import type { StateDb } from '#store/state/open.ts';
import type { DemoControl } from './demo-process.ts';

/** What every route may use. */
export interface Services {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** Unix milliseconds. */
  nowMs(): number;
  /** Where people reach the dashboard: links point there. */
  baseUrl(): string;
  alerts: AlertsDeps;
  demo: DemoControl;
  about: About;
}

/** What does not change while the API runs. */
export interface About {
  version: string;
  otlpHttpUrl: string;
  /** `host:port`. */
  otlpGrpcUrl: string;
  /** Senders must present a key. */
  keyRequired: boolean;
  localMode: boolean;
  contentCaptured: boolean;
  /** IANA zone, unless the state database names another. */
  reportingZone: string;
}
