import { expect, test } from 'vitest';
import { createVisibility } from './visible.ts';

const startMs = Date.parse('2026-11-21T10:00:00Z');
const second = 1000;

function status(atS: number, acked: number, waiting: number, collector_id = 'c1') {
  return {
    collector_id,
    at: new Date(startMs + atS * second).toISOString(),
    acked,
    stored: acked - waiting,
    waiting,
    rejected: {},
    last_received_at: null,
    report: null,
  };
}

test('what waits in a collector holds the horizon where everything before it was stored', () => {
  const visibleUntil = createVisibility();
  const at = (atS: number, acked: number, waiting: number) =>
    (visibleUntil([status(atS, acked, waiting)], startMs + atS * second) - startMs) / second;
  expect(at(0, 100, 0)).toBe(0);
  expect(at(1, 200, 50)).toBe(0);
  // All that had been accepted at 1 s is stored.
  expect(at(2, 300, 60)).toBe(1);
  // The store is away.
  expect(at(3, 400, 160)).toBe(1);
  expect(at(4, 500, 260)).toBe(1);
  expect(at(5, 500, 10)).toBe(3);
  expect(at(6, 500, 0)).toBe(6);
});

test('nothing is known of what was waiting before the first look', () => {
  const visibleUntil = createVisibility();
  expect(visibleUntil([status(0, 100, 5)], startMs)).toBe(Number.NEGATIVE_INFINITY);
  expect(visibleUntil([status(1, 150, 5)], startMs + second)).toBe(startMs);
});

test('a silent collector that holds something is waited for; one that holds nothing is forgotten', () => {
  const visibleUntil = createVisibility();
  const hourMs = 3600 * second;
  expect(visibleUntil([status(0, 100, 0)], startMs + 60 * second)).toBe(startMs);
  expect(visibleUntil([status(0, 100, 0)], startMs + hourMs)).toBe(startMs + hourMs);
  const holding = createVisibility();
  holding([status(-1, 90, 0)], startMs - second);
  expect(holding([status(0, 100, 5)], startMs + hourMs)).toBe(startMs - second);
  expect(visibleUntil([], startMs)).toBe(startMs);
});
