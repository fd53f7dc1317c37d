import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepPiece } from '#store/queries/closed-exports.ts';
import {
  beginClosing,
  type ClosedMonth,
  endClosing,
  type KeptFile,
  listClosedMonths,
} from '#store/state/closed-months.ts';
import { readIngestStatuses } from '#store/state/ingest-status.ts';
import type { LedgerDeps } from '../deps.ts';
import { amountsOf, keptAmounts, readAgreed } from '../files/committed-amounts.ts';
import { monthBounds } from '../files/month-bounds.ts';
import type { MonthFile, MonthFiles } from './month-file.ts';

/** Why a month cannot be closed now, for a person; nothing has been changed. */
export class CannotCloseError extends Error {
  override name = 'CannotCloseError';
}

export interface ClosingDeps extends LedgerDeps {
  monthFiles: MonthFiles;
}

const pieceBytes = 1 << 20;
/** A trace is settled ten seconds after its last span at the latest; the rest is for spans that are still on their way. */
const settleMs = 60_000;
const longestWaitMs = 5_000;
const stepMs = 250;

/** The bounds of a month; one that was closed in another zone before it may have taken its first hours, or left some. */
export async function boundsOf(
  { state, projectId }: LedgerDeps,
  { month, zone }: { month: string; zone: string },
): Promise<{ fromMs: number; toMs: number }> {
  const { fromMs, toMs } = monthBounds(month, zone);
  const closed = await listClosedMonths(state, projectId);
  const before = closed.filter(one => one.month < month).at(-1);
  const after = closed.find(one => one.month > month);
  const dayMs = 86_400_000;
  const near = (iso: string | undefined, ms: number) =>
    iso && Math.abs(Date.parse(iso) - ms) <= 2 * dayMs ? Date.parse(iso) : ms;
  return { fromMs: near(before?.to_at, fromMs), toMs: near(after?.from_at, toMs) };
}

/** Says no, in words, while the month has not ended or spans are waiting that may belong to it. */
export async function checkClosable(
  deps: LedgerDeps,
  { month, zone }: { month: string; zone: string },
): Promise<void> {
  const { state, projectId, clock } = deps;
  const { toMs } = await boundsOf(deps, { month, zone });
  if (clock.now() < toMs) {
    throw new CannotCloseError(
      `${month} has not ended: it lasts until ${new Date(toMs).toISOString()} (${zone}).`,
    );
  }
  if (clock.now() < toMs + settleMs) {
    throw new CannotCloseError(
      `${month} ended less than a minute ago; spans of its last seconds are still being settled. Try again in a minute.`,
    );
  }
  if ((await listClosedMonths(state, projectId)).some(one => one.month === month && one.state === 'closed')) {
    throw new CannotCloseError(`${month} is closed already.`);
  }
  await untilStored(deps, month);
}

/** Everything acknowledged up to now must be stored: in live traffic that takes half a second. */
async function untilStored({ state }: LedgerDeps, month: string): Promise<void> {
  const acked = new Map((await readIngestStatuses(state)).map(one => [one.collector_id, one.acked]));
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    const behind = (await readIngestStatuses(state)).filter(
      one => one.waiting > 0 && one.acked - one.waiting < (acked.get(one.collector_id) ?? 0),
    );
    if (behind.length === 0) return;
    if (waitedMs >= longestWaitMs) {
      const waiting = behind.reduce((sum, one) => sum + one.waiting, 0);
      const who = behind.map(one => one.collector_id).join(', ');
      throw new CannotCloseError(
        `${month} cannot be closed now: ${waiting} acknowledged items wait to be stored and settled (collector ${who}), and some may belong to it. Close it when the Ingest page shows nothing waiting.`,
      );
    }
    await sleep(stepMs);
  }
}

/** From here on its numbers do not move. The roll-up must be done and the ledger's lease be held. */
export async function freeze(
  deps: LedgerDeps,
  { month, zone, by }: { month: string; zone: string; by: string },
): Promise<void> {
  const { projectId, state } = deps;
  const { fromMs, toMs } = await boundsOf(deps, { month, zone });
  const agreed = await readAgreed(state, projectId);
  const amounts = keptAmounts(amountsOf(agreed, { projectId, tz: zone, month, fromMs, toMs }));
  await beginClosing(state, {
    project_id: projectId,
    month,
    zone,
    from_at: new Date(fromMs).toISOString(),
    to_at: new Date(toMs).toISOString(),
    closed_at: new Date(deps.clock.now()).toISOString(),
    closed_by: by,
    amounts,
  });
}

/** Keeps the files of every month that is frozen and has none yet: after closing, and after a process that died in between. */
export async function keepFiles(deps: ClosingDeps): Promise<void> {
  const { state, projectId } = deps;
  const closing = (await listClosedMonths(state, projectId)).filter(one => one.state === 'closing');
  for (const month of closing) {
    const files: KeptFile[] = [];
    for (const file of filesOf(deps, month)) files.push(await keepFile(deps, month.month, file));
    await endClosing(state, { projectId, month: month.month, files });
    deps.log.info({ month: month.month, files: files.length }, 'month closed');
  }
}

function filesOf(
  { clickhouse, state, projectId, monthFiles }: ClosingDeps,
  closed: ClosedMonth,
): readonly MonthFile[] {
  const { month, zone, from_at, to_at } = closed;
  const [fromMs, toMs] = [Date.parse(from_at), Date.parse(to_at)];
  return monthFiles({ clickhouse, state, projectId, month, zone, fromMs, toMs });
}

/** In pieces of a megabyte, so that a file of any size needs no memory. */
async function keepFile(
  { clickhouse, projectId }: LedgerDeps,
  month: string,
  file: MonthFile,
): Promise<KeptFile> {
  const hash = createHash('sha256');
  const kept = { bytes: 0, pieces: 0 };
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const write = async () => {
    const bytes = Buffer.concat(waiting);
    hash.update(bytes);
    await keepPiece(clickhouse, { projectId, month, file: file.name, piece: kept.pieces, bytes });
    kept.bytes += bytes.length;
    kept.pieces += 1;
    waiting = [];
    waitingBytes = 0;
  };
  for await (const chunk of file.stream()) {
    waiting.push(Buffer.from(chunk as Uint8Array));
    waitingBytes += waiting.at(-1)!.length;
    if (waitingBytes >= pieceBytes) await write();
  }
  await write();
  return { name: file.name, contentType: file.contentType, ...kept, sha256: hash.digest('hex') };
}
