import type { ClickHouse } from '#store/engine/client.ts';
import type { Redactor } from '#store/redact/redactor.ts';
import type { StateDb } from '#store/state/open.ts';

/** What training data out works with. */
export interface TrainingDeps {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** Unix milliseconds. */
  nowMs(): number;
  redactor(): Promise<Pick<Redactor, 'text'>>;
}

/** What the caller asked for cannot be; the message is for people. */
export class TrainingProblem extends Error {
  readonly kind: 'not_found' | 'not_possible' | 'gone';

  constructor(kind: TrainingProblem['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
