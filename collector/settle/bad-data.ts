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
  '469',
]);

export function isBadData(error: unknown): boolean {
  return error instanceof ClickHouseError && badDataCodes.has(error.code);
}

/** Not enough memory for a question or an insert of this size. */
export function isTooMuch(error: unknown): boolean {
  return error instanceof ClickHouseError && error.code === '241';
}

/** Of all that the store has, which others use as well; without it the one question was too large for what it may have. */
export function isStoreFull(error: unknown): boolean {
  return isTooMuch(error) && /\((?:total|for user)\)|User memory limit/i.test((error as Error).message);
}
