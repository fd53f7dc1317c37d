import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Span } from '../telemetry.ts';
import type { Accepted } from './inserter.ts';
import { type OpenTrace, OpenTraces, type Patience } from './open-traces.ts';

const patience: Patience = { quietMs: 20, longestMs: 60 };
const noHolds = { hold: () => {}, release: () => {} };
const opened = () => new OpenTraces(noHolds, () => false);

/** A request with one span. */
function request(traceId: string, spanId: string, parentSpanId = ''): Accepted {
  const span = { traceId, spanId, startNs: 1n } as Span;
  const facts = { parentSpanId } as never;
  const described = { span, facts, rederivable: true, content: null, scores: [], outcomes: [] };
  const batch = { projectId: 'p', spans: [described], logs: [], points: [] };
  return { batch, receivedAtMs: 0, segment: 1, bytes: 1 };
}

const ids = (due: Iterable<OpenTrace>) => [...due].map(({ traceId }) => traceId).sort();

test('the same traces are due as when every one is looked at every time', () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 15 }),
    trace: fc.integer({ min: 0, max: 6 }),
    span: fc.integer({ min: 0, max: 3 }),
    parent: fc.integer({ min: -2, max: 3 }),
    looks: fc.boolean(),
  });
  const sometimesDue = { quiet: 0, longest: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), steps => {
      const traces = opened();
      const all = new Map<string, { first: number; last: number; spans: Map<string, string> }>();
      let nowMs = 0;
      for (const { ms, trace, span, parent, looks } of steps) {
        nowMs += ms;
        if (!looks) {
          const [traceId, spanId] = [`t${trace}`, `s${span}`];
          const parentId = parent < 0 || parent === span ? '' : `s${parent}`;
          traces.see(request(traceId, spanId, parentId), nowMs);
          const known = all.get(traceId) ?? { first: nowMs, last: nowMs, spans: new Map() };
          all.set(traceId, known);
          known.last = nowMs;
          known.spans.set(spanId, parentId);
          continue;
        }
        const due = [...all].filter(([, { first, last, spans }]) => {
          const whole = [...spans.values()].every(id => id === '' || spans.has(id));
          const isQuiet = whole && nowMs - last >= patience.quietMs;
          const isLongest = nowMs - first >= patience.longestMs;
          if (isQuiet) sometimesDue.quiet++;
          else if (isLongest) sometimesDue.longest++;
          return isQuiet || isLongest;
        });
        for (const [id] of due) all.delete(id);
        expect(ids(traces.due(nowMs, patience))).toEqual(due.map(([id]) => id).sort());
        expect(traces.size).toBe(all.size);
        expect(traces.items).toBe([...all.values()].reduce((sum, { spans }) => sum + spans.size, 0));
      }
      const rest = [...all.keys()].sort();
      expect(ids(traces.due(Number.POSITIVE_INFINITY, patience))).toEqual(rest);
    }),
    { numRuns: 200 },
  );
  expect(sometimesDue.quiet).toBeGreaterThan(50);
  expect(sometimesDue.longest).toBeGreaterThan(50);
});

test('a clock that is put back holds nothing up', () => {
  const traces = opened();
  traces.see(request('before', 'a'), 3_600_000);
  traces.see(request('after', 'b'), 10);
  expect(ids(traces.due(15, patience))).toEqual(['before']);
  expect(ids(traces.due(30, patience))).toEqual(['after']);
});

test('news between two steps of looking are not lost', () => {
  const traces = opened();
  for (const id of ['a', 'b', 'c']) traces.see(request(id, 'root'), 0);
  const due = traces.due(50, patience);
  expect(due.next().value?.traceId).toBe('a');
  traces.see(request('a', 'late'), 50);
  traces.see(request('b', 'late'), 50);
  expect(ids(due)).toEqual(['c']);
  expect(traces.items).toBe(3);
  expect(ids(traces.due(70, patience))).toEqual(['a', 'b']);
});
