import { ClickHouseError } from '@clickhouse/client';

/** ClickHouse's codes for "this row is not one": trying again does not help, and the other rows are not to blame. */
const badDataCodes: ReadonlySet<string> = new Set([
  '6',
  '26',
  '27',
  '38',
  '41',
  '53',
  '69',
  '70',
  '72',
  '117',
  '321',
  '349',
]);

export function isBadData(error: unknown): boolean {
  return error instanceof ClickHouseError && badDataCodes.has(error.code);
}
