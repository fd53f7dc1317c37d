import type { ExportFormat, ExportInterval, FocusVersion } from '#contract/export.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import { exportSpendRows, type SpendPart } from '#store/queries/export-spend.ts';
import { exportSpendFocus, focusCommitments, focusCsvRow } from '#store/queries/export-spend-focus.ts';
import type { LedgerDeps } from '../deps.ts';
import type { MonthFile, MonthFiles } from '../month/month-file.ts';
import { prepaidCorrections } from './commitment-corrections.ts';
import { type CommitmentUse, prepaidUses } from './commitment-use.ts';
import { type Agreed, type CommittedAmount, pricingCommitments, readAgreed } from './committed-amounts.ts';
import { correctionRows, isBoughtIn, isLeftIn, purchaseRow, unusedRow } from './focus-purchases.ts';
import { instantOf, monthBounds, offsetMs } from './month-bounds.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;

export interface SpendFileQuestion extends SpendPart {
  format: ExportFormat;
  interval: ExportInterval;
  groupBy: readonly SpendDimension[];
  /** Of the FOCUS specification. */
  version: FocusVersion;
  /** What the file's name says it holds: `2026-10`. */
  span: string;
  /** `2026-10` when it holds that month, else null. */
  month: string | null;
}

/** A file that is made while it is read: an error on the way means that it is not whole. */
export interface SpendFile extends MonthFile {
  stream(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export type FileDeps = Pick<LedgerDeps, 'clickhouse' | 'state' | 'clock'>;

/** How many megabytes there may be nobody needs to know: nothing is held but what the reader has not taken yet. */
export function spendFile(deps: FileDeps, question: SpendFileQuestion): SpendFile {
  const { clickhouse } = deps;
  const { format, version, span } = question;
  if (format === 'focus') {
    return {
      name: `focus-${version}-${span}.csv`,
      contentType: 'text/csv; charset=utf-8',
      stream: signal => focusFile(deps, question, signal),
    };
  }
  return {
    name: `spend-${span}.${format}`,
    contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/vnd.apache.parquet',
    stream: signal => read(exportSpendRows(clickhouse, { ...question, format }, signal)),
  };
}

/** Usage, then what was bought ahead and what is left of it; a part of the spend has bought nothing by itself. */
async function* focusFile(
  deps: FileDeps,
  question: SpendFileQuestion,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { clickhouse, state } = deps;
  const { interval, version, where } = question;
  const by = interval === 'hour' ? interval : 'day';
  const parts = by === 'hour' ? daysOfRange(question) : [question];
  const { projectId } = question;
  const agreed = await readAgreed(state, projectId);
  const commitments = await focusCommitments(clickhouse, question, pricingCommitments(agreed, projectId));
  const commitmentNames = new Map(agreed.versions.map(({ overlay_id, terms }) => [overlay_id, terms.name]));
  const uses = await prepaidUses(clickhouse, agreed, question);
  const borders = uses.flatMap(({ amount, border }) => (isTold({ amount }) ? (border ?? []) : []));
  const asked = { interval: by, version, commitments, commitmentNames, borders } as const;
  for (const [at, part] of parts.entries())
    yield* await exportSpendFocus(clickhouse, { ...part, ...asked, header: at === 0 }, signal);
  if (where.length > 0) return;
  const rows = await agreedRows(deps, question, { agreed, uses });
  if (rows.length > 0) yield Buffer.from(rows.map(row => focusCsvRow(row, question)).join(''));
}

/** What was bought ahead, what is left of it, and what later bookings change about that. */
async function agreedRows(
  { clickhouse, clock }: FileDeps,
  question: SpendFileQuestion,
  { agreed, uses }: { agreed: Agreed; uses: readonly CommitmentUse[] },
) {
  const bought = uses.filter(({ amount }) => amount.nanos > 0n && isBoughtIn(amount, question));
  const left = uses.filter(
    use => use.unused > 0n && isTold(use) && isLeftIn(use.amount, question, clock.now()),
  );
  const corrections = (await prepaidCorrections(clickhouse, agreed, question)).filter(isTold);
  return [
    ...bought.map(({ amount }) => purchaseRow(amount)),
    ...left.map(({ amount, unused }) => unusedRow(amount, unused)),
    ...corrections.flatMap(({ amount, bookedMonth, ...more }) =>
      correctionRows(amount, { ...more, billing: monthBounds(bookedMonth, question.tz) }),
    ),
  ];
}

/** The file of a month that was closed before files said so tells neither what is left nor what is beyond, so no later one corrects it. */
const isTold = ({ amount }: { amount: CommittedAmount }) => !amount.isUntold;

/** What a month's files hold unless somebody wishes otherwise. */
export const usualFile = { interval: 'day', groupBy: ['feature', 'model'], where: [] } as const;

/** The files that are kept when a month is closed: what an export of that month without further wishes gives. */
export const monthFiles: MonthFiles = ({ clickhouse, state, projectId, month, zone, fromMs, toMs }) => {
  // A month is closed when it is over.
  const deps = { clickhouse, state, clock: { now: () => toMs } };
  const part = { projectId, fromMs, toMs, tz: zone, span: month, month, ...usualFile };
  return [
    spendFile(deps, { ...part, format: 'csv', version: '1.2' }),
    spendFile(deps, { ...part, format: 'parquet', version: '1.2' }),
    spendFile(deps, { ...part, format: 'focus', version: '1.2' }),
    spendFile(deps, { ...part, format: 'focus', version: '1.0' }),
  ];
};

/** A day at a time: hours of a long range are more rows than can be put in order in little memory. */
function daysOfRange({ projectId, fromMs, toMs, tz, where }: SpendPart): SpendPart[] {
  const parts: SpendPart[] = [];
  for (let at = fromMs; at < toMs; ) {
    const wallMs = at + offsetMs(at, tz);
    const end = Math.min(
      toMs,
      Math.max(at + quarterMs, instantOf((Math.floor(wallMs / dayMs) + 1) * dayMs, tz)),
    );
    parts.push({ projectId, fromMs: at, toMs: end, tz, where });
    at = end;
  }
  return parts;
}

async function* read(asked: Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await asked;
}
