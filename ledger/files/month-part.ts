import type { ClickHouse } from '#store/engine/client.ts';
import { readPiece } from '#store/queries/closed-exports.ts';
import { type ClosedMonth, type KeptFile, listClosedMonths } from '#store/state/closed-months.ts';
import type { LedgerDeps } from '../deps.ts';
import { boundsOf } from '../month/close-month.ts';
import { monthBounds } from './month-bounds.ts';
import type { SpendFile } from './spend-file.ts';

export interface MonthPart {
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** Frozen or closed, in this very zone; null while its number still moves. */
  closed: ClosedMonth | null;
}

/** Which part of the ledger a month is. In the reporting zone it lies between its closed neighbours, wherever those began. */
export async function monthPart(
  deps: LedgerDeps,
  { month, zone, reportingZone }: { month: string; zone: string; reportingZone: string },
): Promise<MonthPart> {
  const months = await listClosedMonths(deps.state, deps.projectId);
  const closed = months.find(one => one.month === month && one.zone === zone);
  if (closed) return { fromMs: Date.parse(closed.from_at), toMs: Date.parse(closed.to_at), closed };
  const bounds = zone === reportingZone ? await boundsOf(deps, { month, zone }) : monthBounds(month, zone);
  return { ...bounds, closed: null };
}

/** A file that was kept when its month was closed: the same bytes each time. */
export function keptFile(
  clickhouse: ClickHouse,
  { project_id: projectId, month }: ClosedMonth,
  { name, contentType, pieces }: KeptFile,
): SpendFile {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (let piece = 0; piece < pieces; piece += 1) {
      const bytes = await readPiece(clickhouse, { projectId, month, file: name, piece });
      if (bytes === null) throw new Error(`piece ${piece} of ${name} is missing`);
      yield bytes;
    }
  }
  return { name, contentType, stream };
}
