import type { LedgerDeps } from '../deps.ts';
import { keptFile, monthPart } from './month-part.ts';
import { type SpendFile, type SpendFileQuestion, spendFile, usualFile } from './spend-file.ts';

type Asked = Omit<SpendFileQuestion, 'projectId' | 'fromMs' | 'toMs' | 'span' | 'month'>;

/** A month's file: as it was kept when the month is closed and nothing special is wished for, else from the ledger. */
export async function monthFile(
  deps: LedgerDeps,
  { month, reportingZone, ...asked }: Asked & { month: string; reportingZone: string },
): Promise<SpendFile> {
  const { clickhouse, projectId } = deps;
  const { fromMs, toMs, closed } = await monthPart(deps, { month, zone: asked.tz, reportingZone });
  const file = spendFile(deps, { ...asked, projectId, fromMs, toMs, span: month, month });
  const kept = isUsual(asked) && closed?.files.find(({ name }) => name === file.name);
  return closed && kept ? keptFile(clickhouse, closed, kept) : file;
}

function isUsual({ interval, where, groupBy, format }: Asked): boolean {
  const grouped = format === 'focus' || groupBy.join() === usualFile.groupBy.join();
  return interval === usualFile.interval && where.length === 0 && grouped;
}

/** The file of any other time, named by its first and last day. */
export function rangeFile(deps: LedgerDeps, asked: Asked & { fromMs: number; toMs: number }): SpendFile {
  const day = (ms: number) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: asked.tz, dateStyle: 'short' })
      .format(ms)
      .replaceAll('-', '');
  const [first, last] = [day(asked.fromMs), day(asked.toMs - 1)];
  const span = first === last ? first : `${first}-${last}`;
  return spendFile(deps, { ...asked, projectId: deps.projectId, span, month: null });
}
