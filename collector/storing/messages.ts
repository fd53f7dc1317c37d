import type { ClickHouseAddress } from '#store/engine/client.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import type { Told } from '../report/problems.ts';
import type { LogPart } from '../settle/backlog.ts';
import type { CollectorStatus } from '../status.ts';
import type { DoorStatus, Refusals, StoringSettings } from './storing.ts';

/** What the thread that stores is started with. */
export interface ThreadSettings {
  dataDir: string;
  walDir: string;
  databaseUrl?: string | undefined;
  clickhouse: ClickHouseAddress;
  collectorId: string;
  soleWriter: boolean;
  privacy: PrivacyDefaults;
  settings: StoringSettings;
  /** See crash-when-asked.ts. */
  crashFile?: string | undefined;
  door: DoorStatus;
}

/** What the door tells the thread: what has happened since it last did, or that it is time to stop. */
export interface News {
  parts: LogPart[];
  refusals: Refusals[];
  problems: { id: string; problem: Told | null }[];
}
/** `door` is how it is with all of this news. */
export type ToThread = { kind: 'news'; news: News; door: DoorStatus } | { kind: 'stop' };

/** What the thread tells the door. */
export type FromThread =
  | { kind: 'ready'; status: CollectorStatus }
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; fields: object; message: string }
  | { kind: 'damaged'; segment: number }
  | { kind: 'done'; segment: number; holds: number }
  | { kind: 'status'; status: CollectorStatus }
  | { kind: 'progress'; isProgressing: boolean }
  | { kind: 'stopped' };
