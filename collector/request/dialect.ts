import { trait } from '../otlp/attribute-key.ts';
import type { Span } from '../telemetry.ts';
import type { Dialect } from './facts.ts';
import { placeOf } from './places.ts';

/** The columns of the field table: G, N, T, O and V7 share one, the others have their own keys. */
export type Column = 'gen_ai' | 'openinference' | 'vercel_ai' | 'langfuse';

/** What a dialect is told by. */
interface Signs {
  span: Span;
  values: readonly (string | undefined)[];
  traits: number;
}

type Test = (signs: Signs) => boolean;

const operationName = placeOf('gen_ai.operation.name');
const sdkName = placeOf('telemetry.sdk.name');

// Per span, never per resource or trace: one trace routinely mixes dialects. First match wins.
const tests: readonly [Dialect, Test][] = [
  ['langfuse', has(placeOf('langfuse.observation.type'))],
  ['openinference', has(placeOf('openinference.span.kind'))],
  ['vercel_ai', has(placeOf('ai.operationId'))],
  ['native', scopeStarts('com.anthropic.sdk')],
  ['traceloop', signs => (signs.traits & trait.traceloop) !== 0 || scopeStarts('@traceloop/')(signs)],
  ['openlit', isOpenlit],
  ['vercel_ai_7', signs => signs.span.scope.name === 'gen_ai' && has(operationName)(signs)],
  ['gen_ai', speaksGenAi],
];

/** Which instrumentation's words a span uses; empty for a plain span, which is kept but never counted. */
export function dialectOf(signs: Signs): Dialect {
  for (const [dialect, test] of tests) if (test(signs)) return dialect;
  return '';
}

/** The column of the field table a dialect reads. */
export function columnOf(dialect: Dialect): Column {
  return dialect === 'openinference' || dialect === 'vercel_ai' || dialect === 'langfuse'
    ? dialect
    : 'gen_ai';
}

// A resource names the SDK of a whole process, HTTP spans included, so there it takes a GenAI attribute as well.
function isOpenlit(signs: Signs): boolean {
  const { scope, resource } = signs.span;
  if (scope.name.startsWith('@openlit/') || signs.values[sdkName] === 'openlit') return true;
  return resource.attributes['telemetry.sdk.name'] === 'openlit' && speaksGenAi(signs);
}

function speaksGenAi({ traits }: Signs): boolean {
  return (traits & (trait.genAi | trait.llm)) !== 0;
}

function has(place: number): Test {
  return ({ values }) => values[place] !== undefined;
}

function scopeStarts(prefix: string): Test {
  return ({ span }) => span.scope.name.startsWith(prefix);
}
