import { randomUUID } from 'node:crypto';
import type { Reason, ReconcileCell, Reconciliation } from '#contract/reconcile.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { isTooLittleToJudge } from './double-count.ts';
import { type ExplainedCell, type ExplainedModel, sumOf } from './explain.ts';
import type { ProviderFile, ProviderLine } from './provider-line.ts';
import { reasonsOf } from './reasons.ts';
import type { Sides } from './sides.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MOST_REFUSED = 100;

/** A file that was read, under the name it came with. */
export interface Read extends ProviderFile {
  name: string;
  sha256: string;
}

/** What time the files are about, and how it divides into days. */
export interface FileTime {
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  days: number;
  /** Lines of more than a day cannot be told apart by day: then all is one. */
  isWhole: boolean;
  isDaily: boolean;
  dayOf(startMs: number): number;
}

/** Everything a result is made of. */
export interface Compared {
  nowMs: number;
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

/** The comparison as it is kept and shown. */
export function resultOf(compared: Compared): Reconciliation {
  const { nowMs, files, time, offsetMs, sides, models, currency, rate } = compared;
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
    created_at: new Date(nowMs).toISOString(),
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
  const little = models
    .filter(({ model, isOursOnly }) => !isOursOnly && isTooLittleToJudge(sides, model))
    .map(({ model }) => sides.names.get(model) ?? model)
    .sort();
  if (little.length > 0) {
    const of = little.filter(name => name !== '').join(', ');
    notes.push(
      `There are too few days or calls${of ? ` of ${of}` : ''} to be sure whether cached tokens are counted twice: what is said to be counted twice may be missing, or the other way round. A file by day tells.`,
    );
  }
  if ([...sides.names.values()].includes('other'))
    notes.push('Some of our models are kept together as "other" and cannot be compared.');
  return notes;
}

const usd = (nanos: bigint) => usdFromNanos(nanos.toString())!;
