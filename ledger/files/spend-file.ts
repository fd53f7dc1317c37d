import type { ExportFormat, ExportInterval, FocusVersion } from '#contract/export.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { exportSpendRows, type SpendPart } from '#store/queries/export-spend.ts';
import { exportSpendFocus, focusCommitments } from '#store/queries/export-spend-focus.ts';
import type { MonthFile, MonthFiles } from '../month/month-file.ts';
import { instantOf, offsetMs } from './month-bounds.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;

export interface SpendFileQuestion extends SpendPart {
  format: ExportFormat;
  interval: ExportInterval;
  groupBy: readonly SpendDimension[];
  /** Of the FOCUS specification. */
  version: FocusVersion;
  /** What the file's name says it holds: `2026-10`. */
  span: string;
}

/** A file that is made while it is read: an error on the way means that it is not whole. */
export interface SpendFile extends MonthFile {
  stream(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** How many megabytes there may be nobody needs to know: nothing is held but what the reader has not taken yet. */
export function spendFile(clickhouse: ClickHouse, question: SpendFileQuestion): SpendFile {
  const { format, interval, version, span } = question;
  if (format === 'focus') {
    const by = interval === 'hour' ? interval : 'day';
    const parts = by === 'hour' ? daysOfRange(question) : [question];
    return {
      name: `focus-${version}-${span}.csv`,
      contentType: 'text/csv; charset=utf-8',
      stream: async function* (signal) {
        const commitments = await focusCommitments(clickhouse, question);
        for (const [at, part] of parts.entries())
          yield* await exportSpendFocus(
            clickhouse,
            { ...part, interval: by, version, commitments, header: at === 0 },
            signal,
          );
      },
    };
  }
  return {
    name: `spend-${span}.${format}`,
    contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/vnd.apache.parquet',
    stream: signal => read(exportSpendRows(clickhouse, { ...question, format }, signal)),
  };
}

/** What a month's files hold unless somebody wishes otherwise. */
export const usualFile = { interval: 'day', groupBy: ['feature', 'model'], where: [] } as const;

/** The files that are kept when a month is closed: what an export of that month without further wishes gives. */
export const monthFiles: MonthFiles = ({ clickhouse, projectId, month, zone, fromMs, toMs }) => {
  const part = { projectId, fromMs, toMs, tz: zone, span: month, ...usualFile };
  return [
    spendFile(clickhouse, { ...part, format: 'csv', version: '1.2' }),
    spendFile(clickhouse, { ...part, format: 'parquet', version: '1.2' }),
    spendFile(clickhouse, { ...part, format: 'focus', version: '1.2' }),
    spendFile(clickhouse, { ...part, format: 'focus', version: '1.0' }),
  ];
};

/** A day at a time: hours of a long range are more rows than can be put in order in little memory. */
function daysOfRange({ projectId, fromMs, toMs, tz, where }: SpendPart): SpendPart[] {
  const parts: SpendPart[] = [];
  for (let at = fromMs; at < toMs; ) {
    const wallMs = at + offsetMs(at, tz);
    const end = Math.min(
      toMs,
      Math.max(at + quarterMs, instantOf((Math.floor(wallMs / dayMs) + 1) * dayMs, tz)),
    );
    parts.push({ projectId, fromMs: at, toMs: end, tz, where });
    at = end;
  }
  return parts;
}

async function* read(asked: Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await asked;
}
