import type { Attributes, Span } from '../telemetry.ts';
import type { Dialect } from './facts.ts';

/** The columns of the field table: G, N, T, O and V7 share one, the others have their own keys. */
export type Column = 'gen_ai' | 'openinference' | 'vercel_ai' | 'langfuse';

type Test = (span: Span) => boolean;

// Per span, never per resource or trace: one trace routinely mixes dialects. First match wins.
const tests: readonly [Dialect, Test][] = [
  ['langfuse', has('langfuse.observation.type')],
  ['openinference', has('openinference.span.kind')],
  ['vercel_ai', has('ai.operationId')],
  ['native', scopeStarts('com.anthropic.sdk')],
  ['traceloop', span => scopeStarts('@traceloop/')(span) || hasPrefix(span.attributes, 'traceloop.')],
  ['openlit', isOpenlit],
  ['vercel_ai_7', span => span.scope.name === 'gen_ai' && has('gen_ai.operation.name')(span)],
  ['gen_ai', speaksGenAi],
];

/** Which instrumentation's words a span uses; empty for a plain span, which is kept but never counted. */
export function dialectOf(span: Span): Dialect {
  for (const [dialect, test] of tests) if (test(span)) return dialect;
  return '';
}

/** The column of the field table a dialect reads. */
export function columnOf(dialect: Dialect): Column {
  return dialect === 'openinference' || dialect === 'vercel_ai' || dialect === 'langfuse'
    ? dialect
    : 'gen_ai';
}

// A resource names the SDK of a whole process, HTTP spans included, so there it takes a GenAI attribute as well.
function isOpenlit(span: Span): boolean {
  if (span.scope.name.startsWith('@openlit/') || span.attributes['telemetry.sdk.name'] === 'openlit')
    return true;
  return span.resource.attributes['telemetry.sdk.name'] === 'openlit' && speaksGenAi(span);
}

function speaksGenAi(span: Span): boolean {
  return hasPrefix(span.attributes, 'gen_ai.') || hasPrefix(span.attributes, 'llm.');
}

function has(key: string): Test {
  return span => Object.hasOwn(span.attributes, key);
}

function scopeStarts(prefix: string): Test {
  return span => span.scope.name.startsWith(prefix);
}

function hasPrefix(attributes: Attributes, prefix: string): boolean {
  for (const key in attributes) if (key.startsWith(prefix)) return true;
  return false;
}
