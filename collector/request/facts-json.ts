import type { LogFacts, SpanFacts } from './facts.ts';

type StoredSpan = Omit<SpanFacts, 'startNs' | 'endNs'> & { startNs: string; endNs: string };
type StoredLog = Omit<LogFacts, 'timeNs' | 'inference'> & { timeNs: string; inference?: StoredSpan };

/** Facts as JSON text for the store; nanosecond times become decimal strings. */
export function encodeFacts(facts: SpanFacts): string {
  return JSON.stringify(storedSpan(facts));
}

/** The inverse of encodeFacts. Throws on text that encodeFacts did not write. */
export function decodeFacts(text: string): SpanFacts {
  return restoredSpan(JSON.parse(text));
}

/** Log facts as JSON text for the store. */
export function encodeLogFacts(facts: LogFacts): string {
  const { inference, ...rest } = facts;
  const stored: StoredLog = { ...rest, timeNs: facts.timeNs.toString() };
  return JSON.stringify(inference === undefined ? stored : { ...stored, inference: storedSpan(inference) });
}

/** The inverse of encodeLogFacts. Throws on text that encodeLogFacts did not write. */
export function decodeLogFacts(text: string): LogFacts {
  const { inference, ...rest }: StoredLog = JSON.parse(text);
  const facts: LogFacts = { ...rest, timeNs: BigInt(rest.timeNs) };
  return inference === undefined ? facts : { ...facts, inference: restoredSpan(inference) };
}

function storedSpan(facts: SpanFacts): StoredSpan {
  return { ...facts, startNs: facts.startNs.toString(), endNs: facts.endNs.toString() };
}

function restoredSpan(stored: StoredSpan): SpanFacts {
  return { ...stored, startNs: BigInt(stored.startNs), endNs: BigInt(stored.endNs) };
}
