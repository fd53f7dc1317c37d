import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { instant } from './range.ts';
import { monthName } from './spend.ts';
import { spendWhere } from './spend-where.ts';
import { spendDimensions } from './spend-words.ts';

export const exportFormats = ['csv', 'parquet', 'focus'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How long one row is; `total` is one row per group for the whole range. */
export const exportIntervals = ['hour', 'day', 'month', 'total'] as const;
export type ExportInterval = (typeof exportIntervals)[number];

export const focusVersions = ['1.0', '1.2'] as const;
export type FocusVersion = (typeof focusVersions)[number];

const dimensionList = z
  .string()
  .default('feature,model')
  .describe('dimensions of a row, with commas; those of focus are set by the specification')
  .transform(text => text.split(',').filter(part => part !== ''))
  .pipe(z.array(z.enum(spendDimensions)));

/** What a file of spend holds. */
export const exportShape = {
  format: z.enum(exportFormats).default('csv'),
  interval: z
    .enum(exportIntervals)
    .default('day')
    .describe('length of a row; days and months begin in the time zone. focus knows hour and day'),
  group_by: dimensionList,
  where: spendWhere,
  version: z.enum(focusVersions).default('1.2').describe('of the FOCUS specification'),
};

/**
 * A file, streamed. The sum of `cost_usd` (of `BilledCost`) is the total of `/spend` over the same range and conditions,
 * exactly. A closed month, asked for by its name and without other wishes, is the same file for ever. Rows of csv and
 * parquet: `period_start`, `period_end`, `entry` (call, repricing, adjustment) with `reason` and `origin_start`, the
 * dimensions, then calls, money, and units and money by kind. Text that a spreadsheet would run as a formula begins with ' in CSV.
 */
export const exportSpend = {
  ...endpoint(
    'GET',
    '/api/v1/export/spend',
    'Spend as a CSV, Parquet or FOCUS file',
    z.object({
      ...exportShape,
      month: monthName.optional().describe('instead of from and to'),
      from: instant.optional().describe('start of the time range, inclusive'),
      to: instant.optional().describe('end of the time range, exclusive; default: now'),
      tz: z.string().optional().describe('IANA zone of days and months; default: the reporting zone'),
    }),
    z.string().describe('the file'),
  ),
  files: ['text/csv', 'application/vnd.apache.parquet'],
};
