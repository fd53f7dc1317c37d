import type { ExportFormat, ExportInterval, FocusVersion } from '#contract/export.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { exportSpendRows, type SpendPart } from '#store/queries/export-spend.ts';
import { exportSpendFocus } from '#store/queries/export-spend-focus.ts';
import type { MonthFile, MonthFiles } from '../month/month-file.ts';

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
    return {
      name: `focus-${version}-${span}.csv`,
      contentType: 'text/csv; charset=utf-8',
      stream: signal => read(exportSpendFocus(clickhouse, { ...question, interval: by }, signal)),
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

async function* read(asked: Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await asked;
}
