import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Placed, totalMs, visibleRows, waterfallRows } from './waterfall-rows.ts';

const span = (span_id: string, parent_span_id = '', offset_ms = 0, duration_ms = 10): Placed => ({
  span_id,
  parent_span_id,
  offset_ms,
  duration_ms,
});
const outline = (spans: Placed[]) =>
  waterfallRows(spans).map(row => `${'.'.repeat(row.depth)}${row.span.span_id}${row.descendants || ''}`);

describe('the order of rows', () => {
  test('children follow their parent, siblings by start, whatever order they came in', () => {
    const spans = [span('c', 'a', 30), span('d', 'b', 20), span('a'), span('b', 'a', 10)];
    expect(outline(spans)).toEqual(['a3', '.b1', '..d', '.c']);
    expect(outline([...spans].reverse())).toEqual(['a3', '.b1', '..d', '.c']);
  });

  test('a span whose parent has not arrived is a root and marked', () => {
    const rows = waterfallRows([span('a'), span('b', 'missing', 5)]);
    expect(rows.map(row => [row.span.span_id, row.depth, row.orphan])).toEqual([
      ['a', 0, false],
      ['b', 0, true],
    ]);
  });

  test('several roots', () =>
    expect(outline([span('a'), span('b', '', 5), span('c', 'b', 6)])).toEqual(['a', 'b1', '.c']));

  test('a cycle loses no span', () =>
    expect(outline([span('a', 'b'), span('b', 'a', 1), span('c', 'c', 2)]).length).toBe(3));

  test('10,000 spans in one chain', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) => span(`${at}`, at ? `${at - 1}` : '', at));
    const rows = waterfallRows(chain);
    expect(rows.at(-1)).toMatchObject({ depth: 9_999, descendants: 0 });
    expect(rows[0]?.descendants).toBe(9_999);
  });

  test('no span is lost or doubled, and a parent counts what is below it', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.nat(1000)), { maxLength: 60 }), triples => {
        const spans = triples.map(([id, parent, offset]) => span(`${id}`, `${parent}`, offset));
        const rows = waterfallRows(spans);
        expect(new Set(rows.map(row => row.span))).toEqual(new Set(spans));
        expect(rows.length).toBe(spans.length);
        rows.forEach((row, at) => {
          for (let below = at + 1; below <= at + row.descendants; below += 1)
            expect(rows[below]?.depth).toBeGreaterThan(row.depth);
          const after = rows[at + row.descendants + 1];
          if (after) expect(after.depth).toBeLessThanOrEqual(row.depth);
        });
      }),
    ));
});

test('a collapsed span hides what is below it, and only that', () => {
  const rows = waterfallRows([span('a'), span('b', 'a', 1), span('c', 'b', 2), span('d', 'a', 3)]);
  expect(visibleRows(rows, new Set(['b'])).map(row => row.span.span_id)).toEqual(['a', 'b', 'd']);
  expect(visibleRows(rows, new Set(['a', 'b'])).map(row => row.span.span_id)).toEqual(['a']);
});

test('the scale ends with the last span', () =>
  expect(totalMs([span('a', '', 0, 10), span('b', 'a', 5, 20)])).toBe(25));
