import { hash } from 'node:crypto';

/**
 * The number from 0 up to 1 that a call always draws: it is chosen when this is below its probability. It comes from the ids alone, so that
 * whoever looks again chooses the same calls, and every evaluator judges the same ones as far as their rates allow.
 */
export function drawOf({ traceId, spanId, seed }: { traceId: string; spanId: string; seed: string }): number {
  const digest = hash('sha256', `${seed}\u0000${traceId}\u0000${spanId}`, 'hex');
  return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48;
}
