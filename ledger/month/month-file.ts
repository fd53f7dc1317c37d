import type { Readable } from 'node:stream';
import type { LedgerDeps } from '../deps.ts';

/** One file of a month; `stream` is read once, and the same spend must always give the same bytes. */
export interface MonthFile {
  /** `spend-2026-10.csv`: lower case, digits, dots and dashes. */
  name: string;
  contentType: string;
  stream(): AsyncIterable<Uint8Array> | Readable;
}

/** What the files of a month are made of: `spend_15m` of one project, buckets in [fromMs, toMs). */
export interface MonthOfSpend extends Pick<LedgerDeps, 'clickhouse' | 'state'> {
  projectId: string;
  /** `2026-10`, of `zone`. */
  month: string;
  zone: string;
  /** Unix milliseconds on quarters of an hour. */
  fromMs: number;
  toMs: number;
}

/** The files that are kept when a month is closed. */
export type MonthFiles = (month: MonthOfSpend) => readonly MonthFile[];
