/** `2026-11-20 14:02:33.766000000` (UTC, from ClickHouse) as ISO 8601; fractional digits are kept. */
export function isoFromStore(text: string): string {
  const [whole, fraction] = text.split('.');
  const trimmed = fraction?.replace(/0+$/, '').padEnd(3, '0');
  return `${whole?.replace(' ', 'T')}${trimmed === undefined ? '' : `.${trimmed}`}Z`;
}

/** Unix milliseconds as ClickHouse reads a DateTime64(3) parameter, UTC. */
export function isoToStore(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}
