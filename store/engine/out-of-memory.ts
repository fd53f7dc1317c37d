import { ClickHouseError } from '@clickhouse/client';

/** Whether a statement failed because it, or everything together, wanted more memory than there is: a smaller one may pass. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof ClickHouseError && error.code === '241';
}
