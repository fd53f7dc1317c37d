import { describe, expect, test } from 'vitest';
import { jsonToProtobuf } from '../otlp/json.ts';
import { countItems } from './count-items.ts';

const traces = (value: unknown) => jsonToProtobuf('traces', Buffer.from(JSON.stringify(value)));
const metrics = (value: unknown) => jsonToProtobuf('metrics', Buffer.from(JSON.stringify(value)));

describe('items of a request', () => {
  test('spans of all scopes, good or bad', () => {
    const scope = (spans: number) => ({ scopeSpans: [{ spans: Array(spans).fill({}) }] });
    expect(countItems('traces', traces({ resourceSpans: [scope(3), scope(0), scope(4)] }), 100)).toBe(7);
  });

  test('points of every kind of metric', () => {
    const points = { dataPoints: [{}, {}] };
    const data = [
      { gauge: points },
      { sum: points },
      { histogram: points },
      { exponentialHistogram: points },
      { summary: points },
      { name: 'nothing' },
    ];
    expect(
      countItems('metrics', metrics({ resourceMetrics: [{ scopeMetrics: [{ metrics: data }] }] }), 100),
    ).toBe(10);
  });

  test('empty resources and scopes count too, since they are work', () => {
    expect(countItems('traces', traces({ resourceSpans: Array(50).fill({}) }), 100)).toBe(50);
    const scopes = { resourceSpans: [{ scopeSpans: Array(60).fill({}) }] };
    expect(countItems('traces', traces(scopes), 100)).toBe(60);
  });

  test('counting stops where it is too many', () => {
    expect(countItems('traces', Buffer.alloc(60_000_000, Buffer.from([10, 0])), 20_000)).toBe(20_001);
  });

  test('what is no protobuf is malformed', () => {
    expect(() => countItems('traces', Buffer.from('ffffffffff0102', 'hex'), 10)).toThrow(/offset/);
  });
});
