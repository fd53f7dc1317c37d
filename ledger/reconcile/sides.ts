import type { ReconcileKind } from '#contract/reconcile.ts';
import type { SpendKind } from '#contract/spend-words.ts';
import type { OursRow } from '#store/queries/reconcile-ours.ts';
import { modelKey } from './model-key.ts';
import type { ProviderLine } from './provider-line.ts';

/** What both say of one day, model and kind. */
export interface Cell {
  /** Days since the first. */
  day: number;
  model: string;
  kind: ReconcileKind;
  /** Null: the file does not say. */
  theirUnits: number | null;
  theirNanos: bigint | null;
  ourUnits: number;
  /** Of calls that have no price. */
  ourUnpricedUnits: number;
  ourNanos: bigint;
  /** Lines of the file that were added up. */
  lines: number;
  /** Our units by instrumented service. */
  byService: Map<string, number>;
}

/** Calls of one day and model. */
export interface Calls {
  theirs: number | null;
  ours: number;
  ourUnpriced: number;
  byService: Map<string, number>;
}

export interface Sides {
  days: number;
  cells: Cell[];
  calls: Map<string, Calls>;
  /** How a model is called by people: our name, else theirs. */
  names: Map<string, string>;
}

export const callsKey = (day: number, model: string) => `${day} ${model}`;

/**
 * Puts what a provider says beside what we hold, by day, model and kind. Kinds that a file does not tell apart are put
 * together on our side too; what belongs to no model (searches) stands under the empty one.
 */
export function bothSides(
  lines: readonly ProviderLine[],
  ours: readonly OursRow[],
  dayOf: (startMs: number) => number,
  days: number,
): Sides {
  const table = new Map<string, Cell>();
  const calls = new Map<string, Calls>();
  const names = new Map<string, string>();
  const isPerModel = lines.some(line => line.model !== '');
  const named = (name: string) => (isPerModel ? modelKey(name) : '');
  const cell = (day: number, model: string, kind: ReconcileKind) => {
    const key = `${day} ${kind} ${model}`;
    const known = table.get(key);
    if (known) return known;
    const made: Cell = {
      day,
      model,
      kind,
      theirUnits: null,
      theirNanos: null,
      ourUnits: 0,
      ourUnpricedUnits: 0,
      ourNanos: 0n,
      lines: 0,
      byService: new Map(),
    };
    table.set(key, made);
    return made;
  };
  const callsOf = (day: number, model: string) => {
    const key = callsKey(day, model);
    const known = calls.get(key);
    if (known) return known;
    const made: Calls = { theirs: null, ours: 0, ourUnpriced: 0, byService: new Map() };
    calls.set(key, made);
    return made;
  };

  for (const line of lines) {
    if (line.kind === 'charge') continue;
    const kind = line.kind === 'embedding' ? 'input' : line.kind;
    const model = kind === 'search' ? '' : named(line.model);
    if (model !== '') names.set(model, names.get(model) ?? line.model);
    const day = dayOf(line.startMs);
    if (line.calls !== null) {
      const counted = callsOf(day, model);
      counted.theirs = (counted.theirs ?? 0) + line.calls;
    }
    if (line.units === null && line.nanos === null) continue;
    const own = cell(day, model, kind);
    own.lines += 1;
    if (line.units !== null) own.theirUnits = (own.theirUnits ?? 0) + line.units;
    if (line.nanos !== null) own.theirNanos = (own.theirNanos ?? 0n) + line.nanos;
  }

  const told = new Set(lines.map(line => (line.kind === 'embedding' ? 'input' : line.kind)));
  for (const row of ours) {
    if (row.day < 0 || row.day >= days) continue;
    const model = named(row.model);
    if (model !== '') names.set(model, row.model);
    const counted = callsOf(row.day, model);
    counted.ours += row.calls;
    counted.ourUnpriced += row.unpricedCalls;
    addTo(counted.byService, row.service, row.calls);
    for (const [spent, { units, unpricedUnits, nanos }] of Object.entries(row.kinds)) {
      const kind = kindAsTold(spent as SpendKind, told);
      const own = cell(row.day, kind === 'search' ? '' : model, kind);
      own.ourUnits += units;
      own.ourUnpricedUnits += unpricedUnits;
      own.ourNanos += nanos;
      addTo(own.byService, row.service, units);
    }
  }
  return { days, cells: [...table.values()], calls, names };
}

/** Where a kind of ours goes when the file does not tell it apart: the first of these that the file has. */
const within: Partial<Record<SpendKind, readonly ReconcileKind[]>> = {
  cache_read: ['input'],
  cache_write: ['input'],
  cache_write_1h: ['cache_write', 'input'],
  reasoning: ['output'],
  embedding: ['input'],
  input_audio: ['input'],
  cache_read_audio: ['cache_read', 'input'],
  output_audio: ['output'],
  input_image: ['input'],
  output_image: ['output'],
};

function kindAsTold(kind: SpendKind, told: ReadonlySet<string>): ReconcileKind {
  if (told.has(kind) && kind !== 'reasoning' && kind !== 'embedding') return kind;
  const wider = (within[kind] ?? []).find(other => told.has(other));
  if (wider) return wider;
  // A file of one total has nothing else to be compared with.
  if (told.has('other') && told.size === 1) return 'other';
  if (kind === 'reasoning') return 'output';
  return kind === 'embedding' ? 'input' : kind;
}

export function addTo(sums: Map<string, number>, key: string, amount: number): void {
  if (amount !== 0) sums.set(key, (sums.get(key) ?? 0) + amount);
}
