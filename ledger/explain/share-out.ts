/**
 * Divides a whole number into whole parts that are as near as can be to `shares`, which add up to about it, and exactly to it when
 * added: what rounding leaves over goes to the parts that it cut most (largest remainder, Hamilton).
 */
export function shareOut(total: bigint, shares: readonly number[]): bigint[] {
  const parts = shares.map(share => BigInt(Math.floor(Number.isFinite(share) ? share : 0)));
  let left = total - parts.reduce((sum, part) => sum + part, 0n);
  const byRemainder = shares
    .map((share, at) => ({ at, remainder: share - Math.floor(share) }))
    .sort((one, other) => other.remainder - one.remainder || one.at - other.at);
  if (parts.length === 0) return parts;
  const [step, each] = [left < 0n ? -1n : 1n, BigInt(parts.length)];
  // Shares that do not add up (they are floating point) leave more than one for each.
  const whole = (left / each) * 1n;
  for (let at = 0; at < parts.length; at += 1) parts[at]! += whole;
  left -= whole * each;
  for (let n = 0; left !== 0n; n += 1, left -= step) parts[byRemainder[n]!.at]! += step;
  return parts;
}
