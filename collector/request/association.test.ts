import { describe, expect, test } from 'vitest';
import { type Mapping, mapping as mappingSchema } from '#contract/mapping.ts';
import { aLog, aSpan } from '../../test/support/telemetry.ts';
import type { Attributes } from '../telemetry.ts';
import { mappingInUse } from './association.ts';
import { deriveCalls } from './calls.ts';
import { describeLog, describeSpan } from './describe.ts';
import { decodeFacts, encodeFacts } from './facts-json.ts';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' };
const attribute = (key: string) => ({ from: 'attribute' as const, key });
const fromResource = (key: string) => ({ from: 'resource' as const, key });

function mapped(attributes: Attributes, mapping: Partial<Mapping>, resource: Attributes = {}) {
  const own = { attributes: resource, service: 'shop', environment: '', release: '' };
  return describeSpan(aSpan({ attributes, resource: own }), mappingSchema.parse(mapping));
}

describe('configured keys', () => {
  test('are asked before the built-in rules', () => {
    const attributes = { ...chat, 'shop.journey': ' checkout ', 'app.feature': 'other' };
    expect(mapped(attributes, { feature: [attribute('shop.journey')] }).feature).toBe('checkout');
  });

  test('hold for every field, from attributes and from the resource', () => {
    const attributes = {
      ...chat,
      'a.user': 'u-1',
      'a.session': 's-1',
      'a.prompt': 'greeting',
      'a.revision': '14',
      'a.arm': 'B',
      'a.result': 'escalated',
    };
    const mapping = {
      tenant: [fromResource('k8s.namespace.name')],
      user: [attribute('a.user')],
      session: [attribute('a.session')],
      prompt_name: [attribute('a.prompt')],
      prompt_version: [attribute('a.revision')],
      variant: [attribute('a.arm')],
      outcome: [attribute('a.result')],
    };
    expect(mapped(attributes, mapping, { 'k8s.namespace.name': 'acme' })).toMatchObject({
      tenant: 'acme',
      user: 'u-1',
      session: 's-1',
      promptName: 'greeting',
      promptVersion: '14',
      variant: 'B',
      outcome: 'escalated',
    });
  });

  test('the first that is present and not blank wins; none leaves the built-in rule', () => {
    const mapping = { feature: [attribute('first'), fromResource('second'), attribute('third')] };
    const rest = { 'app.feature': 'built-in' };
    expect(mapped({ ...rest, first: ' ', third: 'c' }, mapping, { second: 'b' }).feature).toBe('b');
    expect(mapped({ ...rest, first: ' ', third: 'c' }, mapping).feature).toBe('c');
    expect(mapped(rest, mapping).feature).toBe('built-in');
  });

  test('may be called like something every object has', () => {
    expect(mapped(chat, { feature: [attribute('constructor')] }).feature).toBeUndefined();
    expect(mapped({ ...chat, constructor: 'f' }, { feature: [attribute('constructor')] }).feature).toBe('f');
  });

  test('hold for a call that only a log record tells of', () => {
    const log = aLog({
      eventName: 'gen_ai.client.inference.operation.details',
      attributes: { ...chat, 'shop.journey': 'checkout' },
    });
    const facts = describeLog(log, mappingSchema.parse({ feature: [attribute('shop.journey')] }));
    expect(facts?.inference?.feature).toBe('checkout');
  });
});

describe('a mapping in use', () => {
  test('is none while no key is configured', () => {
    expect(mappingInUse(mappingSchema.parse({}))).toBeUndefined();
  });

  test('never makes a label of what people wrote', () => {
    const written = mappingSchema.parse({
      feature: [attribute('gen_ai.input.messages'), attribute('shop.journey')],
      outcome: [attribute('gen_ai.completion.0.content')],
    });
    expect(mappingInUse(written)).toMatchObject({ feature: [attribute('shop.journey')], outcome: [] });
    expect(mappingInUse({ ...written, feature: [] })).toBeUndefined();
  });
});

test('a call inherits the configured outcome and tenant from the nearest span above, through the store and back', () => {
  const mapping = mappingSchema.parse({ tenant: [attribute('org')], outcome: [attribute('result')] });
  const spans = [
    aSpan({ spanId: '1'.repeat(16), attributes: { org: 'far', result: 'accepted' }, endNs: 9_000_000_000n }),
    aSpan({ spanId: '2'.repeat(16), parentSpanId: '1'.repeat(16), attributes: { org: 'near' } }),
    aSpan({ spanId: '3'.repeat(16), parentSpanId: '2'.repeat(16), attributes: chat }),
  ].map(span => decodeFacts(encodeFacts(describeSpan(span, mapping))));
  expect(deriveCalls(spans, []).calls).toMatchObject([
    { spanId: '3'.repeat(16), tenant: 'near', outcome: 'accepted' },
  ]);
});
