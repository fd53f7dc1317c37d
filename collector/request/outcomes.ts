import { nanosFromUsd } from '#store/queries/insert-outcomes.ts';
import type { Attributes, LogRecord, Span } from '../telemetry.ts';
import type { SpanFacts } from './facts.ts';
import { asNumber, asText } from './reading.ts';

/** What came of calls, found in telemetry; the settle step turns it into a row. */
export interface OutcomeFacts {
  /** The sender's own id: another outcome of the same name and id is the same one. */
  id?: string;
  timeNs: bigint;
  name: string;
  value?: number;
  /** Integer nano-dollars in text. */
  valueNanos?: string;
  label?: string;
  traceId: string;
  responseId: string;
  session: string;
  user: string;
  /** Only calls of this feature may have led to it; empty: any. */
  feature: string;
}

/** Name of the log record or span event that tells an outcome. */
const OUTCOME = 'driftline.outcome';

/** Most spans have none. */
const none: OutcomeFacts[] = [];

/** Outcomes told by events of a span, or by an attribute that was configured to be one. */
export function spanOutcomes(span: Span, facts: SpanFacts): OutcomeFacts[] {
  if (span.events.length === 0 && facts.outcome === undefined) return none;
  const told = span.events
    .filter(({ name }) => name === OUTCOME)
    .flatMap(({ attributes, timeNs }) => outcome(attributes, timeNs, span.traceId));
  return facts.outcome === undefined ? told : [...told, configured(facts.outcome, span)];
}

/** Outcomes told by log records of that event name. */
export function logOutcomes(log: LogRecord): OutcomeFacts[] {
  return log.eventName === OUTCOME ? outcome(log.attributes, log.timeNs, log.traceId) : none;
}

/** The configured attribute often stands on every span of a request: a trace has one outcome of a name. */
function configured(name: string, { traceId, endNs }: Span): OutcomeFacts {
  const to = { responseId: '', session: '', user: '', feature: '' };
  return { id: `trace ${traceId}`, timeNs: endNs, name, traceId, ...to };
}

function outcome(attributes: Attributes, timeNs: bigint, traceId: string): OutcomeFacts[] {
  const text = (...keys: string[]) => keys.map(key => asText(attributes[key])).find(Boolean);
  const name = text('outcome.name');
  const named = {
    traceId,
    responseId: text('gen_ai.response.id') ?? '',
    session: text('gen_ai.conversation.id', 'session.id') ?? '',
    user: text('user.id', 'enduser.id') ?? '',
  };
  if (name === undefined || !Object.values(named).some(Boolean)) return [];
  const id = text('outcome.id');
  const value = asNumber(attributes['outcome.value']);
  const usd = asNumber(attributes['outcome.value_usd']);
  const label = text('outcome.label');
  return [
    {
      timeNs,
      name,
      ...(id !== undefined && { id }),
      ...(value !== undefined && Number.isFinite(value) && { value }),
      // Written as text it keeps its places.
      ...(usd !== undefined &&
        Math.abs(usd) <= 1e9 && {
          valueNanos: nanosFromUsd(decimal(attributes['outcome.value_usd']) ?? usd),
        }),
      ...(label !== undefined && { label }),
      ...named,
      feature: text('app.feature', 'feature.name') ?? '',
    },
  ];
}

function decimal(text: string | undefined): string | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
}
