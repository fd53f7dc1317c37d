import type protobuf from 'protobufjs';
import { flagsAttribute, logIdAttribute } from '#collector/otlp/limits.ts';
import { type Signal, signals } from '#collector/otlp/proto.ts';
import type { Attributes, LogRecord, Resource, Scope, Span } from '#collector/telemetry.ts';

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'];

/**
 * Spans as an ExportTraceServiceRequest, made from nothing but what the decoder gave. Every attribute is written as a string,
 * and flags as an attribute of our own: decoding the result with `reencoded: true` gives the same spans.
 */
export function encodeTraces(spans: Span[]): Uint8Array {
  const request = {
    resourceSpans: grouped(spans, (scope, items) => ({ scope, spans: items.map(spanMessage) }), 'scopeSpans'),
  };
  return encode('traces', request);
}

/** Log records as an ExportLogsServiceRequest; their ids travel as an attribute. See encodeTraces. */
export function encodeLogs(logs: LogRecord[]): Uint8Array {
  const request = {
    resourceLogs: grouped(
      logs,
      (scope, items) => ({ scope, logRecords: items.map(logMessage) }),
      'scopeLogs',
    ),
  };
  return encode('logs', request);
}

function encode(signal: Signal, request: Record<string, unknown>): Uint8Array {
  return signals[signal].request.encode(request).finish();
}

interface Owned {
  resource: Resource;
  scope: Scope;
}

/** Items of one decoded request share their resource and scope objects, so identity is enough to group them again. */
function grouped<T extends Owned>(
  items: T[],
  write: (scope: Scope, items: T[]) => object,
  scopesField: string,
): object[] {
  const resources = new Map<Resource, Map<Scope, T[]>>();
  for (const item of items) {
    const scopes = resources.get(item.resource) ?? new Map<Scope, T[]>();
    resources.set(item.resource, scopes);
    const list = scopes.get(item.scope) ?? [];
    scopes.set(item.scope, list);
    list.push(item);
  }
  return [...resources].map(([resource, scopes]) => ({
    resource: { attributes: keyValues(resource.attributes) },
    [scopesField]: [...scopes].map(([scope, list]) => write(scope, list)),
  }));
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }));
}

function spanMessage(span: Span): object {
  const attributes = keyValues(span.attributes);
  if (span.flags.length > 0)
    attributes.push({ key: flagsAttribute, value: { stringValue: span.flags.join(',') } });
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    name: span.name,
    kind: Math.max(0, kinds.indexOf(span.kind)),
    startTimeUnixNano: long(span.startNs),
    endTimeUnixNano: long(span.endNs),
    attributes,
    events: span.events.map(event => ({
      timeUnixNano: long(event.timeNs),
      name: event.name,
      attributes: keyValues(event.attributes),
    })),
    links: span.links.map(link => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      attributes: keyValues(link.attributes),
    })),
    status: { message: span.statusMessage, code: Math.max(0, statuses.indexOf(span.status)) },
  };
}

function logMessage(log: LogRecord): object {
  return {
    timeUnixNano: long(log.timeNs),
    severityText: log.severity,
    body: { stringValue: log.body },
    attributes: [...keyValues(log.attributes), { key: logIdAttribute, value: { stringValue: log.logId } }],
    traceId: hex(log.traceId),
    spanId: hex(log.spanId),
    eventName: log.eventName,
  };
}

function hex(id: string): Uint8Array {
  return Buffer.from(id, 'hex');
}

function long(ns: bigint): protobuf.Long {
  return { low: Number(ns & 0xffffffffn) | 0, high: Number((ns >> 32n) & 0xffffffffn) | 0, unsigned: true };
}
