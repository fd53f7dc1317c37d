import type { LogFacts, SpanFacts } from './facts.ts';

/** Facts as JSON text for the store; nanosecond times become decimal strings. */
export function encodeFacts(facts: SpanFacts): string {
  return JSON.stringify(facts, bigintAsText);
}

/** The inverse of encodeFacts. Throws on text that encodeFacts did not write. */
export function decodeFacts(text: string): SpanFacts {
  return withTimes(JSON.parse(text));
}

/** Log facts as JSON text for the store. */
export function encodeLogFacts(facts: LogFacts): string {
  return JSON.stringify(facts, bigintAsText);
}

/** The inverse of encodeLogFacts. */
export function decodeLogFacts(text: string): LogFacts {
  const stored = JSON.parse(text);
  const facts = { ...stored, timeNs: BigInt(stored.timeNs) };
  return stored.inference ? { ...facts, inference: withTimes(stored.inference) } : facts;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function withTimes(
  stored: Omit<SpanFacts, 'startNs' | 'endNs'> & { startNs: string; endNs: string },
): SpanFacts {
  return { ...stored, startNs: BigInt(stored.startNs), endNs: BigInt(stored.endNs) };
}
