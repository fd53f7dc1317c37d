import type { ClickHouse } from '#store/engine/client.ts';
import type { StateDb } from '#store/state/open.ts';
import type { Evaluator } from '../evaluators/evaluator.ts';

/** What golden sets work with. */
export interface GoldenDeps {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** Unix milliseconds. */
  nowMs(): number;
  /** Everything results may be scored by. */
  evaluators: readonly Evaluator[];
}

/** What the caller asked for cannot be; the message is for people. */
export class GoldenProblem extends Error {
  readonly kind: 'not_found' | 'not_possible';

  constructor(kind: 'not_found' | 'not_possible', message: string) {
    super(message);
    this.kind = kind;
  }
}

export const iso = (ms: number) => new Date(ms).toISOString();
