import type { Redactor } from '#store/redact/redactor.ts';
import type { GoldenDeps } from '../golden/deps.ts';

/** What review works with; corrections may become golden cases. */
export interface ReviewDeps extends GoldenDeps {
  /** Takes private values out of what people write. */
  redactor(): Promise<Pick<Redactor, 'text'>>;
}

/** What the caller asked for cannot be; the message is for people. */
export class ReviewProblem extends Error {
  readonly kind: 'not_found' | 'not_possible';

  constructor(kind: 'not_found' | 'not_possible', message: string) {
    super(message);
    this.kind = kind;
  }
}
