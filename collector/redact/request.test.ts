import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { redactionKinds } from '#contract/privacy.ts';
import { madeUpValues } from '#store/redact/made-up.ts';
import { createRedactor } from '#store/redact/redactor.ts';
import { readScenarios } from '../../test/support/captures.ts';
import { seeded } from '../../test/support/seeded.ts';
import { jsonToProtobuf } from '../otlp/json.ts';
import type { Signal } from '../otlp/proto.ts';
import { protobufToJson } from '../otlp/to-json.ts';
import { redactRequest } from './request.ts';

const redactor = createRedactor({ redact: [...redactionKinds], custom: [] }, Buffer.from('key'));

function redactedBy(by: typeof redactor, bytes: Uint8Array, signal: Signal = 'traces'): Uint8Array {
  const work = redactRequest(signal, bytes, by);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const redacted = (signal: Signal, bytes: Uint8Array) => redactedBy(redactor, bytes, signal);

const mail = 'ada@example.com';
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

test.each<[Signal, object]>([
  [
    'traces',
    {
      resourceSpans: [
        {
          resource: { attributes: [text('host.owner', mail)] },
          schemaUrl: `https://example.com/${mail}`,
          scopeSpans: [
            {
              scope: { name: mail, version: mail, attributes: [text('scope.owner', mail)] },
              spans: [
                {
                  traceId: '0af7651916cd43dd8448eb211c80319c',
                  spanId: 'b7ad6b7169203331',
                  traceState: `vendor=${mail}`,
                  name: `chat ${mail}`,
                  status: { message: `no mailbox ${mail}`, code: 2 },
                  attributes: [
                    text('enduser.id', mail),
                    {
                      key: 'list',
                      value: { arrayValue: { values: [{ stringValue: mail }, { intValue: '7' }] } },
                    },
                    { key: 'map', value: { kvlistValue: { values: [text(mail, 'x')] } } },
                    { key: 'raw', value: { bytesValue: Buffer.from(mail).toString('base64') } },
                  ],
                  events: [{ name: mail, attributes: [text('exception.message', mail)] }],
                  links: [{ traceState: mail, attributes: [text('why', mail)] }],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  [
    'logs',
    {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  severityText: mail,
                  body: { kvlistValue: { values: [text(mail, mail)] } },
                  attributes: [text('k', mail)],
                  eventName: mail,
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  [
    'metrics',
    {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: mail,
                  description: mail,
                  unit: mail,
                  sum: { dataPoints: [{ attributes: [text('user', mail)], asInt: '4111111111111111' }] },
                },
                {
                  name: 'h',
                  exponentialHistogram: {
                    dataPoints: [{ attributes: [text('user', mail)], scale: 3, count: '1' }],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
])('every string of %s is looked through, and nothing else changes', (signal, json) => {
  const bytes = jsonToProtobuf(signal, Buffer.from(JSON.stringify(json)));
  const after = redacted(signal, bytes);
  expect(Buffer.from(after).includes(mail)).toBe(false);
  const name = redactor.text(mail);
  const expected = JSON.parse(
    JSON.stringify(protobufToJson(signal, bytes))
      .replaceAll(mail, name)
      .replaceAll(Buffer.from(mail).toString('base64'), Buffer.from(name).toString('base64')),
  ) as object;
  expect(protobufToJson(signal, after)).toEqual(expected);
  expect(redacted(signal, after)).toBe(after);
});

/** A span with these attributes, through the redactor and back. */
function attributesAfter(attributes: object[]): Record<string, unknown> {
  const span = { traceId: '01'.repeat(16), spanId: '02'.repeat(8), attributes };
  const json = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  const bytes = redacted('traces', jsonToProtobuf('traces', Buffer.from(JSON.stringify(json))));
  const read = protobufToJson('traces', bytes) as unknown as typeof json;
  const list = read.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.attributes as { key: string; value: object }[];
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
}

test('numbers stay, but card numbers, also in integers, and numbers in content', () => {
  const int = (key: string, intValue: string) => ({ key, value: { intValue } });
  const after = attributesAfter([
    int('gen_ai.usage.input_tokens', '128000'),
    int('sent_at', '1732183200123456789'),
    int('card', '4111111111111111'),
    text('order', '86095742719'),
    text('input.value', '86095742719'),
    text('gen_ai.response.id', 'chatcmpl-AbC123dEf456GhI789'),
    text('gen_ai.request.model', 'gpt-4o-mini-2024-07-18'),
    text('aws_secret_access_key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  ]);
  expect(after).toEqual({
    'gen_ai.usage.input_tokens': '128000',
    sent_at: '1732183200123456789',
    card: redactor.text('4111111111111111'),
    order: '86095742719',
    'input.value': redactor.text('86095742719'),
    'gen_ai.response.id': 'chatcmpl-AbC123dEf456GhI789',
    'gen_ai.request.model': 'gpt-4o-mini-2024-07-18',
    aws_secret_access_key: expect.stringMatching(/^\[provider_key [0-9a-f]{8}\]$/),
  });
});

test('what the protocol may have some day is dropped when it may hold a value', () => {
  const span = (fields: [number, string][]) => {
    const writer = protobuf.Writer.create();
    for (const [id, value] of fields) writer.uint32((id << 3) | 2).string(value);
    return writer.finish();
  };
  const within = (bytes: Uint8Array) =>
    protobuf.Writer.create()
      .uint32(10)
      .bytes(
        protobuf.Writer.create()
          .uint32(18)
          .bytes(protobuf.Writer.create().uint32(18).bytes(bytes).finish())
          .finish(),
      )
      .finish();
  const after = Buffer.from(
    redacted(
      'traces',
      within(
        span([
          [5, 'chat'],
          [77, mail],
          [78, 'harmless'],
          [6, mail],
        ]),
      ),
    ),
  );
  expect(after.includes(mail)).toBe(false);
  expect(after.includes('harmless')).toBe(true);
  expect(after.includes('chat')).toBe(true);
});

test('a value beyond the length that is kept is found, before the rest is cut off', () => {
  const long = `${'x '.repeat(80_000)}${mail}`;
  const after = attributesAfter([text('input.value', long), text('k', mail)]);
  expect(String(after['input.value'])).not.toContain(mail);
  expect(String(after['input.value']).length).toBe(128 * 1024);
  const straddling = attributesAfter([
    text('input.value', `${'x '.repeat(32_760)} ${mail} ${'y '.repeat(50)}`),
  ]);
  expect(String(straddling['input.value'])).not.toContain('ada@');
});

test('recorded requests of real SDKs, in which nothing is private, are the same bytes', () => {
  for (const { signal, encoding, file, body } of readScenarios().flatMap(({ bodies }) => bodies)) {
    const bytes = encoding === 'json' ? jsonToProtobuf(signal, body) : body;
    expect(redacted(signal, bytes) === bytes, file).toBe(true);
  }
});

test('made-up values of every kind do not get through', () => {
  const values = madeUpValues(350, seeded(5).integer);
  const after = JSON.stringify(
    attributesAfter(
      values.map(({ value }, at) =>
        text(`k.${at}`, at % 2 ? `it is ${value}.` : JSON.stringify({ a: value })),
      ),
    ),
  );
  for (const { value } of values) expect(after).not.toContain(JSON.stringify(value).slice(1, -1));
});

test('what one redactor knows to be harmless is looked at anew by the next', () => {
  const body = jsonToProtobuf(
    'traces',
    Buffer.from(
      JSON.stringify({
        resourceSpans: [
          {
            scopeSpans: [
              { spans: [{ attributes: [text('tenant.id', 'acme-1234'), text('user.id', mail)] }] },
            ],
          },
        ],
      }),
    ),
  );
  const nameOfOurs = { name: 'account', pattern: 'acme-\\d+' };
  const other = createRedactor({ redact: [], custom: [nameOfOurs] }, Buffer.from('key'));
  const attributesBy = (by: typeof redactor) => {
    const json = protobufToJson('traces', redactedBy(by, body));
    return JSON.stringify(json);
  };
  for (let round = 0; round < 3; round++) {
    expect(attributesBy(redactor)).toContain('acme-1234');
    expect(attributesBy(redactor)).not.toContain(mail);
    expect(attributesBy(other)).not.toContain('acme-1234');
    expect(attributesBy(other)).toContain(mail);
  }
});
