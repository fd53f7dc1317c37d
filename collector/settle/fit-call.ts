import type { Call, CallCost } from '../request/call.ts';

const maxInt64 = 2n ** 63n - 1n;
const maxUint16 = 65_535;
const maxUint32 = 4_294_967_295;
/** Nano-dollars: beyond this a double is no longer exact, and nobody's library is right about nine million dollars. */
const maxClientUsd = Number.MAX_SAFE_INTEGER / 1e9;

type Misfits = Record<
  (typeof counts)[number] | (typeof shortCounts)[number] | (typeof pieceCounts)[number] | 'clientCostUsd',
  null
> &
  Record<'attempts' | 'failedAttempts', number>;

const counts = [
  'ttftNs',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
  'imageOutputTokens',
  'embeddingTokens',
  'totalTokens',
  'maxOutputTokens',
] as const;
const shortCounts = ['httpStatus', 'toolCallsRequested'] as const;
const pieceCounts = ['images', 'searches', 'rerankUnits'] as const;

/**
 * The call with every number inside its column: what does not fit is unknown (null) and flagged. One sender's nonsense, a
 * token count of 1e300 say, must not make the store refuse an insert that carries everybody's calls. `alsoCost` says that
 * the same had to be done to its cost. The same object when everything fits.
 */
export function fitCall(call: Call, alsoCost = false): Call {
  const misfits: Partial<Misfits> = {};
  for (const name of counts) if (!fits(call[name], Number.MAX_SAFE_INTEGER)) misfits[name] = null;
  for (const name of shortCounts) if (!fits(call[name], maxUint16)) misfits[name] = null;
  for (const name of pieceCounts) if (!fits(call[name], maxUint32)) misfits[name] = null;
  if (call.attempts > maxUint16) misfits.attempts = maxUint16;
  if (call.failedAttempts > maxUint16) misfits.failedAttempts = maxUint16;
  const usd = call.clientCostUsd;
  if (usd !== null && !(Math.abs(usd) <= maxClientUsd)) misfits.clientCostUsd = null;
  if (!alsoCost && Object.keys(misfits).length === 0) return call;
  return { ...call, ...misfits, flags: [...call.flags, 'value_out_of_range'] };
}

/** The same for its cost, which is the sum of its kinds and therefore known whole or not at all. */
export function fitCost(cost: CallCost): CallCost {
  const { nanos, lowNanos, highNanos, uncachedNanos } = cost;
  const parts = [...Object.values(cost.byKind), ...Object.values(cost.reductions ?? {})];
  const whole = isInt64(nanos) && parts.every(isInt64);
  if (whole && isInt64(lowNanos) && isInt64(highNanos) && isInt64(uncachedNanos)) return cost;
  return {
    ...cost,
    nanos: whole ? nanos : null,
    byKind: whole ? cost.byKind : {},
    reductions: whole ? (cost.reductions ?? {}) : {},
    lowNanos: isInt64(lowNanos) ? lowNanos : null,
    highNanos: isInt64(highNanos) ? highNanos : null,
    uncachedNanos: whole && isInt64(uncachedNanos) ? uncachedNanos : null,
  };
}

function fits(value: number | null, maximum: number): boolean {
  return value === null || (Number.isInteger(value) && value >= 0 && value <= maximum);
}

function isInt64(value: bigint | null): boolean {
  return value === null || (value <= maxInt64 && value >= -maxInt64);
}
