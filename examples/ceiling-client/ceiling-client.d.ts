/** What a call is about, as far as it is known. */
export interface About {
  feature?: string;
  tenant?: string;
  team?: string;
  environment?: string;
  service?: string;
  provider?: string;
  model?: string;
  prompt?: string;
  variant?: string;
  service_tier?: string;
}

export interface Answer {
  decision: 'allow' | 'degrade' | 'deny';
  reason: string;
  /** With `degrade`: the cheaper model to use, if the budget names one. */
  model: string | null;
  source: 'lease' | 'driftline' | 'fallback';
  /** What the call came to, in USD. */
  settle(actualUsd: number): void;
}

export class CeilingClient {
  constructor(options: {
    url: string;
    key?: string;
    /** The answer when Driftline cannot be asked and no lease is left. */
    fallback?: 'allow' | 'deny';
    timeoutMs?: number;
    /** How much one lease should allow, decimal USD. */
    leaseUsd?: string;
    now?: () => number;
  });
  check(about: About, estimateUsd: number): Promise<Answer>;
}
