// Asks Driftline whether a call may be made, and spends from the lease it gets without asking again. No dependencies;
// Node 20 or newer. It reports nothing: spend reaches Driftline by OpenTelemetry, as always.

/**
 * @typedef {{ feature?: string, tenant?: string, team?: string, environment?: string, service?: string, provider?: string,
 *   model?: string, prompt?: string, variant?: string, service_tier?: string }} About
 * @typedef {{ decision: 'allow' | 'degrade' | 'deny', reason: string, model: string | null, source: 'lease' | 'driftline' | 'fallback' }} Answer
 */

/** While Driftline is away, nobody waits for it more often than this. */
const retryAfterMs = 1000;
const mostRounds = 100;

/** Holds one lease for each combination of `about`, as the ceilings may differ. */
export class CeilingClient {
  #url;
  #key;
  #fallback;
  #timeoutMs;
  #leaseUsd;
  #now;
  #held = new Map();

  /**
   * @param {{ url: string, key?: string, fallback?: 'allow' | 'deny', timeoutMs?: number, leaseUsd?: string, now?: () => number }} options
   * `fallback` is the answer when Driftline cannot be asked and there is no lease (left); `leaseUsd` how much one lease should allow.
   */
  constructor({ url, key, fallback = 'allow', timeoutMs = 1000, leaseUsd, now = Date.now }) {
    this.#url = new URL('/api/v1/decision', url);
    this.#key = key;
    this.#fallback = fallback;
    this.#timeoutMs = timeoutMs;
    this.#leaseUsd = leaseUsd;
    this.#now = now;
  }

  /**
   * May a call of about `estimateUsd` be made? Takes the estimate from the lease; say with `settle` what it came to.
   * @param {About} about
   * @param {number} estimateUsd
   * @returns {Promise<Answer & { settle(actualUsd: number): void }>}
   */
  async check(about, estimateUsd) {
    const name = JSON.stringify(Object.entries(about).sort());
    const held = this.#held.get(name) ?? {
      answer: null,
      leftNanos: 0,
      untilMs: 0,
      asking: null,
      failure: null,
      retryMs: 0,
    };
    this.#held.set(name, held);
    const nanos = Math.ceil(estimateUsd * 1e9);
    let source = 'lease';
    // Callers that come at once share a question, and perhaps use up its lease: then the others ask again.
    for (let round = 0; round < mostRounds && !this.#covers(held, nanos); round += 1) {
      if (this.#now() < held.retryMs) break;
      held.asking ??= this.#ask(about, nanos, held).finally(() => {
        held.asking = null;
      });
      await held.asking;
      source = 'driftline';
    }
    if (!this.#covers(held, nanos)) return this.#fallBack(held);
    const { decision, reason, hint, lease } = held.answer;
    if (decision === 'deny') return { decision, reason, model: null, source, settle() {} };
    if (lease) held.leftNanos -= nanos;
    return {
      decision,
      reason,
      model: hint?.model ?? null,
      source,
      // What a call cost more than was thought is missing from the lease, or from the next one; what it cost less is given
      // back to its own lease only, as Driftline may have forgotten that one when there is another.
      settle: actualUsd => {
        const rest = nanos - Math.ceil(actualUsd * 1e9);
        if (rest < 0 || held.answer.lease?.id === lease?.id) held.leftNanos += rest;
      },
    };
  }

  /** The answer still holds, and its lease, if it has one, is enough. */
  #covers(held, nanos) {
    if (!held.answer || this.#now() >= held.untilMs) return false;
    return !held.answer.lease || held.leftNanos >= nanos;
  }

  #fallBack(held) {
    const reason = held.failure ?? 'What Driftline leases is less than this call needs.';
    const decision = held.failure ? this.#fallback : 'deny';
    return { decision, reason, model: null, source: 'fallback', settle() {} };
  }

  async #ask(about, nanos, held) {
    const url = new URL(this.#url);
    for (const [key, value] of Object.entries(about))
      if (value !== undefined) url.searchParams.set(key, value);
    // Debts of earlier calls are paid from the new lease.
    const debt = Math.max(0, -held.leftNanos);
    url.searchParams.set('min_usd', ((nanos + debt) / 1e9).toFixed(9));
    if (this.#leaseUsd) url.searchParams.set('amount_usd', this.#leaseUsd);
    try {
      const response = await fetch(url, {
        headers: this.#key ? { authorization: `Bearer ${this.#key}` } : {},
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      if (!response.ok) throw new Error(`Driftline answers ${response.status}`);
      const answer = await response.json();
      held.answer = answer;
      held.failure = null;
      held.retryMs = 0;
      held.untilMs = Date.parse(answer.valid_until);
      if (answer.lease) held.leftNanos = Math.round(Number(answer.lease.amount_usd) * 1e9) - debt;
    } catch (error) {
      held.retryMs = this.#now() + retryAfterMs;
      held.failure = `Driftline cannot be asked: ${error instanceof Error ? error.message : error}`;
    }
  }
}
