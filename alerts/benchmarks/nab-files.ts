import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NabSeries {
  file: string;
  /** Unix milliseconds, read as UTC, in the file's order. */
  timesMs: Float64Array;
  values: Float64Array;
  windows: [first: number, last: number][];
}

/** Reads `windows.json` and the series it names in `data/`; throws a plain sentence when something has another form. */
export function readNab(folder: string): NabSeries[] {
  const listing: unknown = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8'));
  if (typeof listing !== 'object' || listing === null) throw new Error('windows.json is not an object');
  return Object.entries(listing).map(([file, windows]) => {
    const { timesMs, values } = readRows(readFileSync(join(folder, 'data', file), 'utf8'), file);
    return { file, timesMs, values, windows: windowsOf(windows, timesMs, file) };
  });
}

function readRows(csv: string, file: string): Pick<NabSeries, 'timesMs' | 'values'> {
  const lines = csv.trimEnd().split('\n').slice(1);
  const timesMs = new Float64Array(lines.length);
  const values = new Float64Array(lines.length);
  lines.forEach((line, at) => {
    const [time, value] = line.split(',');
    timesMs[at] = timeOf(time ?? '');
    values[at] = Number(value);
    if (Number.isNaN(timesMs[at]) || !Number.isFinite(values[at]!)) {
      throw new Error(`${file}, line ${at + 2}: not "timestamp,value"`);
    }
  });
  return { timesMs, values };
}

const timeOf = (text: string): number => Date.parse(`${text.trim().replace(' ', 'T')}Z`);

function windowsOf(windows: unknown, timesMs: Float64Array, file: string): [number, number][] {
  if (!Array.isArray(windows)) throw new Error(`windows.json: ${file} has no list`);
  return windows.map((window: unknown) => {
    const [from, to] = Array.isArray(window) ? window.map(each => timeOf(String(each))) : [];
    const first = timesMs.findIndex(time => time >= from!);
    const last = timesMs.findLastIndex(time => time <= to!);
    if (first < 0 || last < first) throw new Error(`windows.json: a window of ${file} has no rows`);
    return [first, last];
  });
}
