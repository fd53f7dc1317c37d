import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow } from '../test/support/rows.ts';
import { readShapeWindows } from './queries/shape-stats.ts';
import { readUsage } from './queries/usage-stats.ts';
import { rollUpShapes, type ShapesUnderWay } from './shape-roll-up.ts';

const projectId = 'default';
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const days = ['2026-11-10', '2026-11-11', '2026-11-12'].map(day => Date.parse(`${day}T10:00:00Z`));
const embeddings = { input: '', output: '' };

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  const calls = days.flatMap((ms, day) =>
    [0, 1, 2].map(n =>
      callRow({
        at: new Date(ms + n * 60_000).toISOString(),
        span_id: `${day}${n}`.padStart(16, '0'),
        user: n < 2 ? 'anna' : '',
        input_tokens: 100,
      }),
    ),
  );
  await engine.clickhouse.insert('calls', calls);
});
afterAll(() => engine.stop());

const usage = () =>
  readUsage(engine.clickhouse, { projectId, fromMs: days[0]! - dayMs, toMs: days[2]! + dayMs });

test('the newest day first; one that is broken off goes on where it was, and a call that goes away is taken out', async () => {
  const seen: number[][] = [];
  let at: ShapesUnderWay | null = null;
  const brokenOff = await rollUpShapes(
    engine.clickhouse,
    { projectId, since: '0', embeddings, underWay: null },
    async (hours, underWay) => {
      seen.push(hours);
      at = underWay;
      return false;
    },
  );
  expect(brokenOff).toBeNull();
  expect(seen).toEqual([[days[2]]]);
  expect((await usage())[0]!.hours).toEqual([{ hourMs: days[2], requests: 3, users: 1, sessions: 0 }]);

  const begun = await rollUpShapes(
    engine.clickhouse,
    { projectId, since: '0', embeddings, underWay: at },
    async hours => {
      seen.push(hours);
      return true;
    },
  );
  expect(begun).toBe((at as ShapesUnderWay | null)!.begun);
  expect(seen.slice(1)).toEqual([[days[1]], [days[0]]]);
  expect((await usage())[0]!.hours).toHaveLength(3);

  const gone = callRow({ at: new Date(days[0]!).toISOString(), span_id: '00'.padStart(16, '0') });
  await engine.clickhouse.insert('calls', [{ ...gone, version: '2', is_deleted: 1 }]);
  await rollUpShapes(
    engine.clickhouse,
    { projectId, since: begun!, embeddings, underWay: null },
    async () => true,
  );
  expect((await usage())[0]!.hours[0]).toMatchObject({ hourMs: days[0], requests: 2 });
  const [row] = await readShapeWindows(
    engine.clickhouse,
    { projectId, referenceFromMs: days[0]!, fromMs: days[2]!, toMs: days[2]! + hourMs },
    { feature: 'support' },
  );
  expect(row).toMatchObject({ shape: 'input_length', reference: { n: 5, days: 2 }, now: { n: 3, days: 1 } });
  expect(row!.now.histogram).toEqual(new Map([[String(Math.floor(25 * Math.log(100))), 3]]));
});
