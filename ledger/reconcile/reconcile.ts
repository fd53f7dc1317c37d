import { createHash, randomUUID } from 'node:crypto';
import type { Reason, ReconcileCell, Reconciliation } from '#contract/reconcile.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { type OursRow, oursByDay, oursByQuarter } from '#store/queries/reconcile-ours.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { dayOffset } from './day-offset.ts';
import { type ExplainedCell, type ExplainedModel, explainModel, sumOf } from './explain.ts';
import { modelKey } from './model-key.ts';
import { nanosOf, type ProviderFile, type ProviderLine } from './provider-line.ts';
import { readProviderFile, UnknownFile } from './read-file.ts';
import { reasonsOf } from './reasons.ts';
import { bothSides, type Cell, type Sides } from './sides.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A file over more is none of a month or a year: its times are wrong. */
const MOST_DAYS = 800;
const MOST_REFUSED = 100;

export interface ReconcileInput {
  projectId: string;
  files: readonly { name: string; content: string }[];
  /** USD for one unit of the files' currency, decimal; needed unless that is USD. */
  usdPerUnit: string | undefined;
  nowMs: number;
}

interface Read extends ProviderFile {
  name: string;
  sha256: string;
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
  return result({ input, files, lines, time, offsetMs, sides, models, currency, rate, providers });
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

interface FileTime {
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  days: number;
  /** Lines of more than a day cannot be told apart by day: then all is one. */
  isWhole: boolean;
  isDaily: boolean;
  dayOf(startMs: number): number;
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

interface Compared {
  input: ReconcileInput;
  files: Read[];
  lines: ProviderLine[];
  time: FileTime;
  offsetMs: number;
  sides: Sides;
  models: ExplainedModel[];
  currency: string;
  rate: bigint;
  providers: string[];
}

function result(compared: Compared): Reconciliation {
  const { input, files, time, offsetMs, sides, models, currency, rate } = compared;
  const cells = models.flatMap(model => model.cells);
  const dayName = (day: number) =>
    new Date(time.fromMs + day * DAY_MS + (time.isDaily ? 2 * HOUR_MS : 0)).toISOString().slice(0, 10);
  const name = (model: string) => sides.names.get(model) ?? model;
  const total = amounts(cells);
  const theirs = cells.reduce((sum, { theirNanos }) => sum + theirNanos, 0n);
  const valued = compared.lines.some(line => line.nanos !== null) ? 'billed' : 'our_prices';
  const calls = (of: (day: number, model: string) => boolean) => callsIn(sides, of);
  const all = calls(() => true);
  return {
    reconciliation_id: randomUUID(),
    created_at: new Date(input.nowMs).toISOString(),
    files: files.map(file => ({
      name: file.name,
      format: file.format,
      sha256: file.sha256,
      lines: file.read,
      refused: file.refused.length,
    })),
    providers: compared.providers,
    from_day: dayName(0),
    to_day: time.isWhole ? new Date(time.toMs - 1).toISOString().slice(0, 10) : dayName(time.days - 1),
    currency,
    usd_per_unit: usd(rate),
    valued,
    theirs_usd: usd(theirs),
    ours_usd: total.ours_usd ?? usd(0n),
    difference_usd: total.difference_usd,
    explained_usd: total.explained_usd,
    unexplained_usd: total.unexplained_usd,
    explained_share: theirs > 0n ? Math.max(0, 1 - Number(unexplainedOf(models)) / Number(theirs)) : null,
    theirs_calls: all.theirs,
    ours_calls: all.ours,
    reasons: [...reasonsOf(models, sides), ...shifted(offsetMs)],
    days: rows(cells, ({ cell }) => dayName(cell.day)).map(row => ({
      ...row,
      ...named(calls(day => dayName(day) === row.key)),
    })),
    models: rows(cells, ({ cell }) => cell.model)
      .map(row => ({ ...row, ...named(calls((_, model) => model === row.key)), key: name(row.key) }))
      .sort((a, b) => Number(b.theirs_usd ?? 0) - Number(a.theirs_usd ?? 0)),
    kinds: rows(cells, ({ cell }) => cell.kind).map(row => ({ ...row, theirs_calls: null, ours_calls: 0 })),
    cells: cellsOf(cells, dayName, name),
    refused_lines: files
      .flatMap(file => file.refused.map(({ line, why }) => ({ file: file.name, line, why })))
      .slice(0, MOST_REFUSED),
    notes: notesOf(compared),
  };
}

function amounts(cells: readonly ExplainedCell[]) {
  const theirs = cells.reduce((sum, { theirNanos }) => sum + theirNanos, 0n);
  const ours = cells.reduce((sum, { cell }) => sum + cell.ourNanos, 0n);
  const explained = cells.reduce((sum, { parts }) => sum + sumOf(parts), 0n);
  const unexplained = cells.reduce((sum, one) => sum + one.unexplained, 0n);
  const isSaid = cells.some(({ cell }) => cell.theirNanos !== null || cell.theirUnits !== null);
  const units = cells.filter(({ cell }) => cell.theirUnits !== null);
  return {
    theirs_usd: isSaid ? usd(theirs) : null,
    ours_usd: usd(ours),
    difference_usd: usd(theirs - ours),
    explained_usd: usd(explained),
    unexplained_usd: usd(unexplained),
    theirs_tokens:
      units.length > 0 ? String(units.reduce((sum, { cell }) => sum + cell.theirUnits!, 0)) : null,
    ours_tokens: String(cells.reduce((sum, { cell }) => sum + cell.ourUnits, 0)),
  };
}

type Amounts = ReturnType<typeof amounts>;

function rows(
  cells: readonly ExplainedCell[],
  keyOf: (cell: ExplainedCell) => string,
): (Amounts & { key: string })[] {
  const groups = new Map<string, ExplainedCell[]>();
  for (const cell of cells) groups.set(keyOf(cell), [...(groups.get(keyOf(cell)) ?? []), cell]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => ({ key, ...amounts(own) }));
}

function cellsOf(
  cells: readonly ExplainedCell[],
  dayName: (day: number) => string,
  name: (model: string) => string,
): ReconcileCell[] {
  return cells
    .map(one => ({
      day: dayName(one.cell.day),
      model: name(one.cell.model),
      kind: one.cell.kind,
      ...amounts([one]),
    }))
    .sort((a, b) => (`${a.day} ${a.model} ${a.kind}` < `${b.day} ${b.model} ${b.kind}` ? -1 : 1));
}

/** What stays unexplained, added up without regard to sign by model and kind. */
function unexplainedOf(models: readonly ExplainedModel[]): bigint {
  let sum = 0n;
  for (const { cells } of models) {
    for (const kind of new Set(cells.map(({ cell }) => cell.kind))) {
      const own = cells
        .filter(({ cell }) => cell.kind === kind)
        .reduce((all, one) => all + one.unexplained, 0n);
      sum += own < 0n ? -own : own;
    }
  }
  return sum;
}

function callsIn(
  sides: Sides,
  of: (day: number, model: string) => boolean,
): { theirs: number | null; ours: number } {
  let [theirs, ours]: [number | null, number] = [null, 0];
  for (const [key, counted] of sides.calls) {
    const at = key.indexOf(' ');
    if (!of(Number(key.slice(0, at)), key.slice(at + 1))) continue;
    ours += counted.ours;
    if (counted.theirs !== null) theirs = (theirs ?? 0) + counted.theirs;
  }
  return { theirs, ours };
}

const named = ({ theirs, ours }: { theirs: number | null; ours: number }) => ({
  theirs_calls: theirs,
  ours_calls: ours,
});

function shifted(offsetMs: number): Reason[] {
  if (offsetMs === 0) return [];
  const hours = offsetMs / HOUR_MS;
  const text = `Their days begin ${Math.abs(hours)} hours ${hours > 0 ? 'after' : 'before'} midnight UTC; ours were counted the same way here.`;
  return [
    {
      reason: 'time_shift',
      amount_usd: usd(0n),
      model: '',
      kind: '',
      share: null,
      shared: null,
      tokens: null,
      calls: null,
      ratio: hours,
      services: [],
      text,
    },
  ];
}

function notesOf({ files, lines, sides, models, time }: Compared): string[] {
  const notes = files.flatMap(file => file.notes);
  if (!lines.some(line => line.nanos !== null)) {
    notes.push('The file has no money in it: their tokens are valued at what we pay for the same kind.');
  } else if (!lines.some(line => line.units !== null)) {
    notes.push('The file has no token counts: how much was missing is told from the money, at our prices.');
  }
  if (!lines.some(line => line.model !== ''))
    notes.push('The file does not tell models apart: group it by model to see more.');
  if (time.isWhole) notes.push('The file has lines of more than a day: days cannot be told apart.');
  if (models.some(model => model.isTheirsOnly) && !lines.some(line => line.nanos !== null)) {
    notes.push('Models that never reached Driftline have no price to value them at, and count as 0.');
  }
  if ([...sides.names.values()].includes('other'))
    notes.push('Some of our models are kept together as "other" and cannot be compared.');
  return notes;
}

const usd = (nanos: bigint) => usdFromNanos(nanos.toString())!;
const min = (values: readonly number[]) => values.reduce((least, value) => Math.min(least, value), Infinity);
const max = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), -Infinity);
