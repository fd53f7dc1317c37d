import { setImmediate as letOthers } from 'node:timers/promises';
import { engineClock } from '#store/queries/calls-to-score.ts';
import { type CallToSketch, callsToSketch } from '#store/queries/calls-to-sketch.ts';
import { type ShapeRow, storedShapes } from '#store/queries/shape-stats.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import type { QualityDeps } from '../deps.ts';
import { exampleOf } from '../sampling/example.ts';
import { type Sketch, sketchOf } from './sketch.ts';

/** Enough for the histogram of a day; of a history that is read for the first time fewer will do. */
const textsAnHour = 50;
const historyTextsAnHour = 15;
const historyMs = 2 * 86_400_000;
const batchCalls = 500;
const sliceMs = 8;
/** Texts are kept for 14 days; what was told of older ones while they were there stays. */
const keptMs = 13 * 86_400_000;
const textShapes = ['input_language', 'output_language', 'input_topic', 'output_topic'] as const;

/**
 * Languages and topics of some hours, whole hours in Unix milliseconds, told again from the texts that are kept. Asks `mayGoOn` between
 * batches; false, and nothing written, when it said no.
 */
export async function rollUpTexts(
  { clickhouse, projectId, clock }: Pick<QualityDeps, 'clickhouse' | 'projectId' | 'clock'>,
  hours: readonly number[],
  mayGoOn: () => Promise<boolean>,
): Promise<boolean> {
  const recent = hours.filter(ms => ms >= clock.now() - keptMs);
  if (recent.length === 0) return mayGoOn();
  const version = await engineClock(clickhouse);
  const rows = new Map<string, ShapeRow>();
  const before = await storedShapes(clickhouse, { projectId, hours: recent, shapes: textShapes });
  for (const { bucket, ...series } of before) rowOf(rows, { projectId, version, bucket, ...series });
  const isHistory = Math.max(...recent) < clock.now() - historyMs;
  const anHour = isHistory ? historyTextsAnHour : textsAnHour;
  const calls = await callsToSketch(clickhouse, { projectId, hours: recent, anHour });
  let sliceEnd = performance.now() + sliceMs;
  for (let at = 0; at < calls.length; at += batchCalls) {
    if (!(await mayGoOn())) return false;
    const batch = calls.slice(at, at + batchCalls);
    const texts = await textsOfCalls(clickhouse, projectId, batch);
    for (const call of batch) {
      const { input, output } = exampleOf(call, texts.get(`${call.traceId}/${call.spanId}`));
      const add = (side: 'input' | 'output', sketch: Sketch | null) =>
        sketch && addSketch(rows, { projectId, version, call, side }, sketch);
      if (input !== undefined) add('input', sketchOf(input));
      if (output !== undefined) add('output', sketchOf(output));
      if (performance.now() > sliceEnd) {
        await letOthers();
        sliceEnd = performance.now() + sliceMs;
      }
    }
  }
  await clickhouse.insert('shape_stats_1h', [...rows.values()]);
  return mayGoOn();
}

interface Place {
  projectId: string;
  version: string;
  call: CallToSketch;
  side: 'input' | 'output';
}

function addSketch(rows: Map<string, ShapeRow>, { call, side, ...place }: Place, sketch: Sketch): void {
  const { feature, model, environment, hourMs } = call;
  const at = { ...place, bucket: hourMs / 1000, feature, model, environment };
  count(rowOf(rows, { ...at, shape: `${side}_language` }), [sketch.language]);
  if (sketch.topics.length > 0) count(rowOf(rows, { ...at, shape: `${side}_topic` }), sketch.topics);
}

function count(row: ShapeRow, bins: readonly (string | number)[]): void {
  row.n += 1;
  for (const bin of bins) row.histogram[bin] = (row.histogram[bin] ?? 0) + 1;
}

/** The row of a series and hour, empty at first: one that stays so says that what was there has gone. */
function rowOf(
  rows: Map<string, ShapeRow>,
  {
    projectId,
    ...series
  }: Omit<ShapeRow, 'project_id' | 'n' | 'sum' | 'sum_sq' | 'histogram' | 'vector_sum'> & {
    projectId: string;
  },
): ShapeRow {
  const { bucket, feature, model, environment, shape } = series;
  const key = JSON.stringify([bucket, feature, model, environment, shape]);
  const known = rows.get(key);
  if (known) return known;
  const row = { project_id: projectId, ...series, n: 0, sum: 0, sum_sq: 0, histogram: {}, vector_sum: [] };
  rows.set(key, row);
  return row;
}
