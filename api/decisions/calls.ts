import type { AddressInfo } from 'node:net';
import type { DecisionReply, DecisionRequest } from '#contract/decision.ts';
import { CannotDecideError, type Standing } from '#ledger/budget/ceilings.ts';
import type { Decider } from '#ledger/budget/decider.ts';
import type { ClickHouseAddress } from '#store/engine/client.ts';
import type { Access } from '../security.ts';

/** What the thread that answers decisions is started with. */
export interface ThreadSettings {
  projectId: string;
  access: Access;
  /** Unless the state database names another. */
  reportingZone: string;
  dataDir: string;
  databaseUrl?: string | undefined;
  clickhouse: ClickHouseAddress;
}

/** What it does when it is asked to. */
export interface ThreadCalls {
  /** Begins to listen, in front of the API's own port. */
  open(at: { host: string; port: number; apiPort: number }): Promise<AddressInfo>;
  decide(request: DecisionRequest): Promise<DecisionReply>;
  standings(): Promise<ReadonlyMap<string, Standing>>;
  changed(): Promise<void>;
  runOnce(): Promise<void>;
  /** Gives back what is not promised; from now on nothing is decided. */
  close(): Promise<void>;
  /** Takes no more callers. */
  stop(): Promise<void>;
}

export interface Call {
  id: number;
  name: keyof ThreadCalls;
  argument: unknown;
}

export type Told =
  | { kind: 'ready'; keys: ReturnType<Decider['keys']> }
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; details: object; message: string }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; error: unknown; cannotDecide: boolean };

export const failureOf = (id: number, error: unknown): Told => ({
  kind: 'failure',
  id,
  error,
  cannotDecide: error instanceof CannotDecideError,
});

/** Threads do not tell each other the classes of errors. */
export function errorOf({ error, cannotDecide }: Extract<Told, { kind: 'failure' }>): unknown {
  return cannotDecide && error instanceof Error ? new CannotDecideError(error.message) : error;
}
