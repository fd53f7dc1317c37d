import { randomBytes } from 'node:crypto';
import type { Planted } from './planted.ts';

export type Signal = 'traces' | 'logs' | 'metrics';

/** One span, log record or metric with what is around it, as OTLP/JSON. */
interface Item {
  item: Record<string, unknown>;
  resource?: object[];
  scope?: object;
  schemaUrl?: string;
}

/** A place in an OTLP request where a sender could write something private. */
export interface Placement {
  signal: Signal;
  name: string;
  build(value: string, planted: Planted): Item;
}

export const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

const nowNano = () => `${Date.now()}000000`;
const hex = (bytes: number) => randomBytes(bytes).toString('hex');

interface ItemParts {
  attributes?: object[];
  [field: string]: unknown;
}

function span({ attributes = [], ...parts }: ItemParts, around: Omit<Item, 'item'> = {}): Item {
  return {
    ...around,
    item: {
      traceId: hex(16),
      spanId: hex(8),
      name: 'chat probe',
      kind: 3,
      startTimeUnixNano: nowNano(),
      endTimeUnixNano: nowNano(),
      attributes: [
        attribute('gen_ai.operation.name', 'chat'),
        attribute('gen_ai.provider.name', 'openai'),
        attribute('gen_ai.request.model', 'gpt-4o-mini'),
        { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } },
        ...attributes,
      ],
      ...parts,
    },
  };
}

/** Records of one moment that say the same are one record, hence the id. */
const log = ({ attributes = [], ...parts }: ItemParts, around: Omit<Item, 'item'> = {}): Item => ({
  ...around,
  item: {
    timeUnixNano: nowNano(),
    severityNumber: 9,
    body: { stringValue: 'probe' },
    attributes: [attribute('probe.id', hex(8)), ...attributes],
    ...parts,
  },
});

const metric = (parts: Record<string, unknown>, attributes: object[] = [], around = {}): Item => ({
  ...around,
  item: {
    name: 'probe.duration',
    unit: 's',
    gauge: { dataPoints: [{ timeUnixNano: nowNano(), asDouble: 1, attributes }] },
    ...parts,
  },
});

/** A value that is all digits is a number where no text is expected, and numbers stay: there a sentence is sent. */
const alone = (value: string) => (/^\d+$/.test(value) ? `number ${value}` : value);
const said = (value: string) => `Please note ${value}, thank you.`;
const messages = (value: string) =>
  JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: `line\n${said(value)}\n"end"` }] }]);
const called = (value: string) => JSON.stringify({ to: value, nested: JSON.stringify({ again: value }) });

const onSpan = (key: string, text: (value: string) => string = said) => ({
  signal: 'traces' as const,
  name: `span attribute ${key}`,
  build: (value: string) => span({ attributes: [attribute(key, text(value))] }),
});

const spans: Placement[] = [
  onSpan('customer.note'),
  onSpan('enduser.id', alone),
  onSpan('session.id', alone),
  onSpan('gen_ai.conversation.id', alone),
  onSpan('error.type', alone),
  onSpan('url.full', value => `https://example.com/find?q=${encodeURIComponent(value)}`),
  onSpan('input.value', value => value),
  onSpan('output.value', called),
  onSpan('gen_ai.input.messages', messages),
  onSpan('gen_ai.output.messages', messages),
  onSpan('gen_ai.system_instructions', messages),
  onSpan('gen_ai.prompt.0.content'),
  onSpan('llm.input_messages.0.message.content'),
  onSpan('gen_ai.tool.call.arguments', called),
  onSpan('traceloop.entity.input', value => JSON.stringify({ inputs: { text: said(value) } })),
  { signal: 'traces', name: 'span name', build: value => span({ name: said(value) }) },
  {
    signal: 'traces',
    name: 'status message',
    build: value => span({ status: { code: 2, message: said(value) } }),
  },
  {
    signal: 'traces',
    name: 'event name',
    build: value => span({ events: [{ timeUnixNano: nowNano(), name: said(value) }] }),
  },
  {
    signal: 'traces',
    name: 'exception',
    build: value =>
      span({
        events: [
          {
            timeUnixNano: nowNano(),
            name: 'exception',
            attributes: [
              attribute('exception.message', said(value)),
              attribute('exception.stacktrace', `Error: ${value}\n    at main.js:1`),
            ],
          },
        ],
      }),
  },
  {
    signal: 'traces',
    name: 'evaluation event',
    build: value =>
      span({
        events: [
          {
            timeUnixNano: nowNano(),
            name: 'gen_ai.evaluation.result',
            attributes: [
              attribute('gen_ai.evaluation.name', 'probe'),
              attribute('gen_ai.evaluation.score.label', alone(value)),
              attribute('gen_ai.evaluation.explanation', said(value)),
            ],
          },
        ],
      }),
  },
  {
    signal: 'traces',
    name: 'link',
    build: value =>
      span({
        links: [
          {
            traceId: hex(16),
            spanId: hex(8),
            traceState: said(value),
            attributes: [attribute('why', said(value))],
          },
        ],
      }),
  },
  { signal: 'traces', name: 'trace state', build: value => span({ traceState: `vendor=${value}` }) },
  {
    signal: 'traces',
    name: 'array attribute',
    build: value =>
      span({
        attributes: [{ key: 'list', value: { arrayValue: { values: [{ stringValue: alone(value) }] } } }],
      }),
  },
  {
    signal: 'traces',
    name: 'map attribute',
    build: value =>
      span({
        attributes: [
          {
            key: 'map',
            value: { kvlistValue: { values: [attribute('a', said(value)), attribute(said(value), 'b')] } },
          },
        ],
      }),
  },
  {
    signal: 'traces',
    name: 'bytes attribute',
    build: value =>
      span({
        attributes: [{ key: 'raw', value: { bytesValue: Buffer.from(said(value)).toString('base64') } }],
      }),
  },
  {
    signal: 'traces',
    name: 'attribute beyond the limit',
    build: value =>
      span({
        attributes: [
          ...Array.from({ length: 300 }, (_, at) => attribute(`filler.${at}`, 'x')),
          attribute('too.many', said(value)),
        ],
      }),
  },
  onLongSpan('text beyond the limit', 66_000),
  onLongSpan('text across the limit', 65_536 - 24),
  {
    signal: 'traces',
    name: 'resource attribute',
    build: value => span({}, { resource: [attribute('host.owner', said(value))] }),
  },
  {
    signal: 'traces',
    name: 'service name',
    build: value => span({}, { resource: [attribute('service.name', alone(value))] }),
  },
  {
    signal: 'traces',
    name: 'scope',
    build: value =>
      span(
        {},
        {
          scope: { name: said(value), version: alone(value), attributes: [attribute('owner', said(value))] },
        },
      ),
  },
  {
    signal: 'traces',
    name: 'schema URL',
    build: value => span({}, { schemaUrl: `https://example.com/${encodeURIComponent(value)}` }),
  },
  {
    signal: 'traces',
    name: 'refused span',
    build: value =>
      span(
        { traceId: '', name: said(value), attributes: [attribute('note', said(value))] },
        { resource: [attribute('service.name', alone(value))] },
      ),
  },
];

function onLongSpan(name: string, before: number): Placement {
  return {
    signal: 'traces',
    name,
    build: value =>
      span({
        attributes: [
          attribute('input.value', `${'x '.repeat(before / 2)}${said(value)} ${'y '.repeat(2000)}`),
        ],
      }),
  };
}

const logs: Placement[] = [
  { signal: 'logs', name: 'log body', build: value => log({ body: { stringValue: said(value) } }) },
  {
    signal: 'logs',
    name: 'structured log body',
    build: value =>
      log({ body: { kvlistValue: { values: [attribute('user', value), attribute(said(value), 'x')] } } }),
  },
  {
    signal: 'logs',
    name: 'log attribute',
    build: value => log({ attributes: [attribute('note', said(value))] }),
  },
  { signal: 'logs', name: 'log event name', build: value => log({ eventName: said(value) }) },
  { signal: 'logs', name: 'log severity', build: value => log({ severityText: said(value) }) },
  {
    signal: 'logs',
    name: 'log resource',
    build: value => log({}, { resource: [attribute('host.owner', said(value))] }),
  },
  {
    signal: 'logs',
    name: 'evaluation log',
    build: value =>
      log({
        eventName: 'gen_ai.evaluation.result',
        traceId: hex(16),
        attributes: [
          attribute('gen_ai.evaluation.name', 'probe'),
          attribute('gen_ai.evaluation.explanation', said(value)),
        ],
      }),
  },
  {
    signal: 'logs',
    name: 'message event of a log',
    build: value =>
      log({
        eventName: 'gen_ai.user.message',
        traceId: hex(16),
        spanId: hex(8),
        body: { kvlistValue: { values: [attribute('content', said(value))] } },
      }),
  },
  {
    signal: 'logs',
    name: 'refused log record',
    build: value => log({ traceId: '0102', eventName: said(value), body: { stringValue: said(value) } }),
  },
];

const metrics: Placement[] = [
  { signal: 'metrics', name: 'metric name', build: value => metric({ name: alone(value) }) },
  { signal: 'metrics', name: 'metric description', build: value => metric({ description: said(value) }) },
  { signal: 'metrics', name: 'metric unit', build: value => metric({ unit: alone(value) }) },
  {
    signal: 'metrics',
    name: 'metric attribute',
    build: value => metric({}, [attribute('note', said(value))]),
  },
  {
    signal: 'metrics',
    name: 'metric resource',
    build: value => metric({}, [], { resource: [attribute('host.owner', said(value))] }),
  },
  {
    signal: 'metrics',
    name: 'refused metric',
    build: value => metric({ name: alone(value), gauge: { dataPoints: [{ asDouble: 1 }] } }),
  },
];

export const placements: readonly Placement[] = [...spans, ...logs, ...metrics];

const levels = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;

/** One request with the values at that place, each below a resource of its own that also carries its marker. */
export function requestOf(placement: Placement, planted: readonly Planted[]): object {
  const [byResource, byScope, items] = levels[placement.signal];
  return {
    [byResource]: planted.map(one => {
      const { item, resource = [], scope, schemaUrl } = placement.build(one.value, one);
      return {
        resource: { attributes: [attribute('probe.marker', one.marker), ...resource] },
        [byScope]: [{ ...(scope && { scope }), [items]: [item], ...(schemaUrl && { schemaUrl }) }],
        ...(schemaUrl && { schemaUrl }),
      };
    }),
  };
}
