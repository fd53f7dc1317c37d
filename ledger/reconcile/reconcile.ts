import { createHash } from 'node:crypto';
import type { Reconciliation } from '#contract/reconcile.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { type OursRow, oursByDay, oursByQuarter } from '#store/queries/reconcile-ours.ts';
import { dayOffset } from './day-offset.ts';
import { type ExplainedCell, type ExplainedModel, explainModel } from './explain.ts';
import { modelKey } from './model-key.ts';
import { nanosOf, type ProviderLine } from './provider-line.ts';
import { readProviderFile, UnknownFile } from './read-file.ts';
import { type FileTime, type Read, resultOf } from './result.ts';
import { bothSides, type Cell } from './sides.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A file over more is none of a month or a year: its times are wrong. */
const MOST_DAYS = 800;

export interface ReconcileInput {
  projectId: string;
  files: readonly { name: string; content: string }[];
  /** USD for one unit of the files' currency, decimal; needed unless that is USD. */
  usdPerUnit: string | undefined;
  nowMs: number;
}

/** Compares a provider's files with the ledger. Throws UnknownFile with a sentence for the reader when that cannot be done. */
export async function reconcile(clickhouse: ClickHouse, input: ReconcileInput): Promise<Reconciliation> {
  const files = readAll(input.files);
  const { currency, rate } = currencyOf(files, input.usdPerUnit);
  const lines = files.flatMap(file => file.lines).map(line => inUsd(line, rate));
  if (lines.length === 0) throw new UnknownFile('The file has no usage in it.');
  const providers = files.some(file => file.providers.length === 0)
    ? []
    : [...new Set(files.flatMap(file => file.providers))];
  const time = timeOf(lines);
  const question = { projectId: input.projectId, providers };
  const offsetMs = await offsetOf(clickhouse, lines, time, question);
  const ours = await oursByDay(clickhouse, {
    ...question,
    fromMs: time.fromMs + offsetMs,
    toMs: time.toMs + offsetMs,
  });
  const sides = bothSides(lines, relevant(ours, lines, providers, time), time.dayOf, time.days);
  const stepNanos = BigInt(max(files.map(file => Number(file.stepNanos))));
  const models = [...new Set(sides.cells.map(({ model }) => model))].map(model =>
    explainModel(sides, model, { roundingNanos: cell => (stepNanos * BigInt(cell.lines) + 1n) / 2n + 2n }),
  );
  const charges = chargesOf(lines, time);
  if (charges) models.push(charges);
  return resultOf({
    nowMs: input.nowMs,
    files,
    lines,
    time,
    offsetMs,
    sides,
    models,
    currency,
    rate,
    providers,
  });
}

function readAll(files: readonly { name: string; content: string }[]): Read[] {
  const read = files.map(({ name, content }) => {
    try {
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { ...readProviderFile(content), name, sha256 };
    } catch (error) {
      if (error instanceof UnknownFile) throw new UnknownFile(`${name}: ${error.message}`, { cause: error });
      throw error;
    }
  });
  const same = read.find((file, at) => read.findIndex(other => other.sha256 === file.sha256) !== at);
  if (same) throw new UnknownFile(`${same.name} was given twice.`);
  return read;
}

function currencyOf(
  files: readonly Read[],
  usdPerUnit: string | undefined,
): { currency: string; rate: bigint } {
  const currencies = [...new Set(files.map(file => file.currency).filter(currency => currency !== ''))];
  if (currencies.length > 1)
    throw new UnknownFile(`The files are in ${currencies.join(' and ')}: compare them one by one.`);
  const currency = currencies[0] ?? 'USD';
  if (currency === 'USD') return { currency, rate: 1_000_000_000n };
  if (!usdPerUnit)
    throw new UnknownFile(`The file is in ${currency}: say what one ${currency} is in USD (usd_per_unit).`);
  return { currency, rate: nanosOf(usdPerUnit, 'usd_per_unit') };
}

function inUsd(line: ProviderLine, rate: bigint): ProviderLine {
  if (line.nanos === null || rate === 1_000_000_000n) return line;
  const product = line.nanos * rate;
  const half = product < 0n ? -500_000_000n : 500_000_000n;
  return { ...line, nanos: (product + half) / 1_000_000_000n };
}

function timeOf(lines: readonly ProviderLine[]): FileTime {
  const starts = lines.map(line => line.startMs);
  const ends = lines.map(line => line.endMs ?? line.startMs + DAY_MS);
  const [first, last] = [min(starts), max(starts)];
  const lengths = lines.map((_, at) => ends[at]! - starts[at]!);
  if (max(lengths) > 25 * HOUR_MS) {
    const toMs = max(ends);
    return { fromMs: quarter(first), toMs, days: 1, isWhole: true, isDaily: false, dayOf: () => 0 };
  }
  const isDaily = min(lengths) > 22 * HOUR_MS;
  // Days that a file itself begins elsewhere than at midnight UTC are taken at its word.
  const base = isDaily ? first % DAY_MS : 0;
  const fromMs = Math.floor((first - base) / DAY_MS) * DAY_MS + base;
  const dayOf = (startMs: number) => Math.floor((startMs - fromMs + (isDaily ? 2 * HOUR_MS : 0)) / DAY_MS);
  const days = dayOf(last) + 1;
  if (days > MOST_DAYS)
    throw new UnknownFile(`The file covers ${days} days: at most ${MOST_DAYS} can be compared.`);
  return { fromMs, toMs: fromMs + days * DAY_MS, days, isWhole: false, isDaily, dayOf };
}

const quarter = (ms: number) => Math.floor(ms / 900_000) * 900_000;

async function offsetOf(
  clickhouse: ClickHouse,
  lines: readonly ProviderLine[],
  time: FileTime,
  question: { projectId: string; providers: readonly string[] },
): Promise<number> {
  if (!time.isDaily || time.fromMs % DAY_MS !== 0) return 0;
  const byOutput = lines.some(line => line.kind === 'output' && (line.units ?? 0) > 0);
  const theirs = new Array<number>(time.days).fill(0);
  for (const line of lines) {
    if (line.kind === 'charge') continue;
    theirs[time.dayOf(line.startMs)]! += byOutput
      ? line.kind === 'output'
        ? (line.units ?? 0)
        : 0
      : Number(line.nanos ?? 0n);
  }
  const known = new Set(lines.map(line => modelKey(line.model)));
  const ours = await oursByQuarter(clickhouse, {
    ...question,
    fromMs: time.fromMs - 14 * HOUR_MS,
    toMs: time.toMs + 12 * HOUR_MS,
  });
  return dayOffset(
    theirs,
    ours
      .filter(({ model }) => known.has('') || known.has(modelKey(model)))
      .map(({ startMs, output, nanos }) => ({ startMs, amount: byOutput ? output : nanos })),
    time.fromMs,
  );
}

/** Of a reseller's file only the models it names; of calls that name no provider likewise. */
function relevant(
  ours: readonly OursRow[],
  lines: readonly ProviderLine[],
  providers: readonly string[],
  time: FileTime,
): OursRow[] {
  const known = new Set(lines.map(line => modelKey(line.model)));
  const isPerModel = lines.some(line => line.model !== '');
  return ours
    .filter(
      row => !isPerModel || (providers.length > 0 && row.provider !== '') || known.has(modelKey(row.model)),
    )
    .map(row => (time.isWhole ? { ...row, day: 0 } : row));
}

/** Tax, credits and fees, which stand for themselves. */
function chargesOf(lines: readonly ProviderLine[], time: FileTime): ExplainedModel | null {
  const charges = lines.filter(line => line.kind === 'charge' && line.nanos !== null);
  if (charges.length === 0) return null;
  const cells = charges.map(({ startMs, nanos }): ExplainedCell => {
    const cell: Cell = {
      day: time.dayOf(startMs),
      model: '',
      kind: 'other',
      theirUnits: null,
      theirNanos: nanos,
      ourUnits: 0,
      ourUnpricedUnits: 0,
      ourNanos: 0n,
      lines: 1,
      byService: new Map(),
    };
    const parts = new Map([['other_charges' as const, nanos!]]);
    return {
      cell,
      theirNanos: nanos!,
      parts,
      unexplained: 0n,
      missingUnits: 0,
      doubledUnits: 0,
      priceRatio: null,
    };
  });
  return { model: '', cells, doubled: null, isOursOnly: false, isTheirsOnly: true };
}

const min = (values: readonly number[]) => values.reduce((least, value) => Math.min(least, value), Infinity);
const max = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), -Infinity);
