import { type CapturedBody, readScenarios } from '../support/captures.ts';
import { generateTraffic } from '../support/generated-traffic.ts';
import { asJson } from '../support/otlp-requests.ts';
import { seeded } from '../support/seeded.ts';

/** Traces of all the days are in every insert, so that each writes several partitions. */
const DAYS = 4;
const TRACES_A_BLOCK = 300;

/**
 * Requests without end, the same for the same seed and time: generated traces of several days, the captured ones among
 * those of the first block.
 */
export function* crashTraffic(seed: number, nowMs: number): Generator<CapturedBody> {
  const captured = readScenarios().flatMap(scenario => scenario.bodies);
  for (let block = 0; ; block += 1) {
    const generated = generateTraffic(seeded(seed * 10_000 + block), TRACES_A_BLOCK, nowMs, DAYS);
    for (const body of generated) {
      yield body;
      if (block === 0) yield* captured.splice(0, 2);
    }
    yield* captured.splice(0);
  }
}

/** The spans of a request, written as the ledger writes them. */
export function spanRowsOf(body: CapturedBody): string[] {
  interface Sent {
    resourceSpans?: { scopeSpans: { spans: { traceId: string; spanId: string }[] }[] }[];
  }
  if (body.signal !== 'traces') return [];
  return ((asJson(body) as Sent).resourceSpans ?? [])
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ traceId, spanId }) => `('${traceId.toLowerCase()}','${spanId.toLowerCase()}')`);
}

/** Passes `bodies` on until `stop` is called, and counts them. */
export function stoppable(bodies: Iterator<CapturedBody>) {
  let stopped = false;
  const taken: Iterable<CapturedBody> & { count: number; stop(): void } = {
    count: 0,
    stop() {
      stopped = true;
    },
    *[Symbol.iterator]() {
      while (!stopped) {
        const next = bodies.next();
        if (next.done) return;
        taken.count += 1;
        yield next.value;
      }
    },
  };
  return taken;
}

/** The first `count` of `bodies`. */
export function* first<T>(bodies: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const body of bodies) {
    if (left-- <= 0) return;
    yield body;
  }
}
