/** Integer nano-dollars (decimal text) as decimal USD with nine places; null stays null. */
export function usdFromNanos(nanos: string | null): string | null {
  if (nanos === null) return null;
  const negative = nanos.startsWith('-');
  const digits = (negative ? nanos.slice(1) : nanos).padStart(10, '0');
  return `${negative ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
