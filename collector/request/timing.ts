import { placeOf } from './places.ts';
import { asNumber, field, firstFlag, firstNumber, inJson, type Reading, sources } from './reading.ts';

const NS_PER_S = 1e9;
const NS_PER_MS = 1e6;

const ttftSeconds = sources(
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.client.operation.time_to_first_chunk',
  'gen_ai.server.time_to_first_token',
);

const ttftMilliseconds = sources('ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk');

const operationId = placeOf('ai.operationId');
const completionStart = placeOf('langfuse.observation.completion_start_time');

const streaming = field({
  gen_ai: ['gen_ai.request.stream', 'gen_ai.request.is_stream', 'llm.is_streaming'],
  openinference: [inJson('llm.invocation_parameters', 'stream')],
  vercel_ai: [reading => /\.doStream$/.test(reading.values[operationId] ?? '')],
  langfuse: [inJson('langfuse.observation.model.parameters', 'stream')],
});

/** Time from the span's start to the first piece of the answer, in nanoseconds. */
export function ttftNsOf(reading: Reading): number | undefined {
  const ns = rawTtftNs(reading);
  // Clocks cut to milliseconds put a first chunk up to one before the start.
  return ns === undefined || ns < -NS_PER_MS ? undefined : Math.max(0, Math.round(ns));
}

/** Whether the answer was asked for as a stream; a known time to first token proves it. */
export function streamingOf(reading: Reading, ttftNs: number | undefined): boolean | undefined {
  return firstFlag(reading, streaming[reading.column]) ?? (ttftNs === undefined ? undefined : true);
}

function rawTtftNs(reading: Reading): number | undefined {
  switch (reading.column) {
    case 'vercel_ai':
      return times(firstNumber(reading, ttftMilliseconds), NS_PER_MS) ?? firstChunkNs(reading);
    case 'langfuse':
      return completionStartNs(reading);
    case 'openinference':
      return undefined;
    default:
      return times(firstNumber(reading, ttftSeconds), NS_PER_S);
  }
}

function firstChunkNs(reading: Reading): number | undefined {
  const event = reading.events.find(({ name }) => name === 'ai.stream.firstChunk');
  if (event === undefined) return undefined;
  const said = times(asNumber(event.attributes['ai.response.msToFirstChunk']), NS_PER_MS);
  return said ?? Number(event.timeNs - reading.span.startNs);
}

// The value is an ISO time inside a JSON string, quotes included.
function completionStartNs(reading: Reading): number | undefined {
  const quoted = reading.values[completionStart];
  const ms = Date.parse(quoted?.replaceAll('"', '') ?? '');
  if (Number.isNaN(ms)) return undefined;
  return Number(BigInt(ms) * 1_000_000n - reading.span.startNs);
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
