import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { instant } from './range.ts';
import { type SpendDimension, spendDimensions } from './spend-words.ts';

/** `2026-11`; which instants it holds depends on the time zone. */
export const calendarMonth = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as 2026-11');

export const exportFormats = ['csv', 'parquet', 'focus'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How long one row is; `total` is one row per group for the whole range. */
export const exportIntervals = ['hour', 'day', 'month', 'total'] as const;
export type ExportInterval = (typeof exportIntervals)[number];

export const focusVersions = ['1.0', '1.2'] as const;
export type FocusVersion = (typeof focusVersions)[number];

/** Values of one dimension are alternatives, different dimensions all hold. */
export interface SpendCondition {
  dimension: SpendDimension;
  value: string;
}

const conditions = z
  .string()
  .max(4000)
  .default('')
  .describe('dimension:value,…; a comma inside a value is written \\,')
  .transform((text, context): SpendCondition[] =>
    text
      .split(/(?<!\\),/)
      .filter(part => part !== '')
      .map(part => {
        const at = part.indexOf(':');
        const dimension = spendDimensions.find(name => name === part.slice(0, Math.max(at, 0)));
        if (dimension) return { dimension, value: part.slice(at + 1).replaceAll(/\\(.)/g, '$1') };
        context.addIssue(`"${part}" is not dimension:value; dimensions are ${spendDimensions.join(', ')}`);
        return { dimension: 'feature', value: '' };
      }),
  );

const dimensionList = z
  .string()
  .default('feature,model')
  .describe('dimensions of a row, with commas; not of focus, whose rows are set by the specification')
  .transform(text => text.split(',').filter(part => part !== ''))
  .pipe(z.array(z.enum(spendDimensions)));

/** What a file of spend holds; the fields of a scheduled delivery as well. */
export const exportShape = {
  format: z.enum(exportFormats).default('csv'),
  interval: z
    .enum(exportIntervals)
    .default('day')
    .describe('length of a row; days and months begin in the time zone. focus knows hour and day'),
  group_by: dimensionList,
  where: conditions,
  version: z.enum(focusVersions).default('1.2').describe('of the FOCUS specification'),
};

/**
 * A file, streamed. The sum of `cost_usd` (of `BilledCost`) is the page's total of the same range, zone and conditions,
 * exactly. A closed month in its own zone, asked without other wishes, is the same file for ever. Rows: `period_start` and `period_end`
 * (ISO 8601 with offset), `entry` (call, repricing, adjustment) with its `reason`, the dimensions, calls, units and
 * decimal USD by kind.
 */
export const exportSpend = endpoint(
  'GET',
  '/api/v1/export/spend',
  'Spend as a CSV, Parquet or FOCUS file',
  z.object({
    ...exportShape,
    month: calendarMonth.optional().describe('instead of from and to'),
    from: instant.optional().describe('start of the time range, inclusive; default: the present month'),
    to: instant.optional().describe('end of the time range, exclusive'),
    tz: z.string().optional().describe('IANA time zone; default: the reporting zone'),
  }),
  z.string().describe('the file'),
);
