import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Annotations } from './tcpd-score.ts';

export interface TcpdSeries {
  name: string;
  /** One list per dimension, all of the same length; null where a value is missing. */
  dimensions: (number | null)[][];
  annotations: Annotations;
}

/** Reads `annotations.json` and the series it names in `series/`; throws a plain sentence when something has another form. */
export function readTcpd(folder: string): TcpdSeries[] {
  const listing = record(parse(join(folder, 'annotations.json')), 'annotations.json');
  return Object.entries(listing).map(([name, annotators]) => {
    const file = `series/${name}.json`;
    const { series } = record(parse(join(folder, file)), file);
    if (!Array.isArray(series) || series.length === 0) throw new Error(`${file}: no list "series"`);
    const dimensions = series.map((values: unknown) => valuesOf(values, file));
    if (new Set(dimensions.map(({ length }) => length)).size > 1) {
      throw new Error(`${file}: dimensions of different lengths`);
    }
    return { name, dimensions, annotations: annotationsOf(annotators, name) };
  });
}

const parse = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`${name} is not an object`);
  return value as Record<string, unknown>;
}

function valuesOf(values: unknown, file: string): (number | null)[] {
  // The original dataset wraps each dimension: {"label": …, "raw": […]}.
  const list = Array.isArray(values) ? values : record(values, file).raw;
  if (!Array.isArray(list)) throw new Error(`${file}: a dimension is not a list`);
  return list.map((value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null));
}

function annotationsOf(annotators: unknown, name: string): Annotations {
  const entries = Object.entries(record(annotators, `annotations of ${name}`));
  if (entries.length === 0) throw new Error(`annotations of ${name}: nobody annotated it`);
  return Object.fromEntries(
    entries.map(([annotator, points]) => {
      const isList = Array.isArray(points) && points.every(point => Number.isInteger(point));
      if (!isList) throw new Error(`annotations of ${name}: annotator ${annotator} has no list of indices`);
      return [annotator, points];
    }),
  );
}
