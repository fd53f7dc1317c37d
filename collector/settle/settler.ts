import type { ClickHouse } from '#store/engine/client.ts';
import { callBlock, toolCallBlock } from '#store/native/tables.ts';
import { isOver, turn } from '../event-loop.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import { groupBy } from '../request/group-by.ts';
import { isBadData, isStoreFull, isTooMuch } from './bad-data.ts';
import { addCall, addDeletion, addToolCall } from './call-block.ts';
import { DerivationFailed, type Derived, deriveFromMemory, deriveWithStore } from './derive.ts';
import { insertRows, type Unsent } from './insert.ts';
import type { Accepted } from './inserter.ts';
import type { LedgerNames } from './name-limit.ts';
import { itemsOf, type OpenTrace, OpenTraces, type Patience, type SegmentHolds } from './open-traces.ts';
import { type Price, pricing } from './pricing.ts';
import type { Quarantine } from './quarantine.ts';
import { untilDone } from './retry.ts';
import type { StoreKnowledge } from './store-knowledge.ts';

export interface SettlerOptions {
  clickhouse: ClickHouse;
  log: CollectorLog;
  crashPoint: CrashPoint;
  signal: AbortSignal;
  holds: SegmentHolds;
  price: Price;
  quarantine: Pick<Quarantine, 'addTrace'>;
  /** Called when a trace was set aside. */
  onSetAside: () => void;
  names: LedgerNames;
  now: () => number;
  patience: Patience;
  /** What is known of the store without asking; null where others write to it too. */
  knowledge: StoreKnowledge | null;
  /** How often to look for quiet traces. */
  tickMs: number;
  /** Traces that are looked up in the store together. */
  tracesPerRound: number;
}

/** Traces derived from memory between two looks at the clock, and rows stored together. */
const tracesPerStep = 32;
const rowsPerInsert = 20_000;

/**
 * While so many spans wait, they are settled in fewer rounds: an insert into the ledger costs the store as much as some
 * thousand rows, whatever is in it.
 */
const busy = { items: 5_000, pauseMs: 600 };

/**
 * How often one trace may need more memory than the store has, before it is set aside so that the others go on: what one
 * question may have is the same the next time, what all have together comes back when others are done.
 */
const attemptsWithoutMemory = { own: 3, ofAll: 20 };

const dayNs = 86_400_000_000_000n;

/** Turns traces that have become quiet into ledger rows, one round after the other. */
export class Settler {
  private readonly options: SettlerOptions;
  private readonly traces: OpenTraces;
  private readonly timer: NodeJS.Timeout;
  private readonly priced: ReturnType<typeof pricing>;
  private calls = callBlock();
  private toolCalls = toolCallBlock();
  private lastVersion = 0n;
  private settling = 0;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;
  /** When the last round began, by a clock that is never put back. */
  private startedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SettlerOptions) {
    this.options = options;
    const { knowledge } = options;
    this.priced = pricing(options.price, options.log);
    this.traces = new OpenTraces(
      options.holds,
      (traceId, nowMs) => knowledge?.opened(traceId, nowMs) ?? true,
    );
    this.timer = setInterval(() => {
      if (!this.isRunning && this.isTime()) void this.settleDue(options.now());
    }, options.tickMs);
  }

  /** Spans and records held in memory. */
  get items(): number {
    return this.traces.items + this.settling;
  }

  /** Notes rows that have just been stored. */
  see(accepted: Accepted): void {
    this.traces.see(accepted, this.options.now());
  }

  /** Settles everything that is open, without waiting for quiet. */
  async flush(): Promise<void> {
    await this.running;
    await this.settleDue(Number.POSITIVE_INFINITY);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private isTime(): boolean {
    return this.items < busy.items || performance.now() - this.startedAtMs >= busy.pauseMs;
  }

  private settleDue(nowMs: number): Promise<void> {
    this.isRunning = true;
    this.startedAtMs = performance.now();
    this.running = this.settleAll(nowMs)
      .catch(error => {
        // Only giving up at the end gets here: the write-ahead log still has what is not settled.
        this.options.log.info({ error }, 'settling was interrupted');
      })
      .finally(() => {
        this.isRunning = false;
      });
    return this.running;
  }

  private async settleAll(nowMs: number): Promise<void> {
    try {
      const { alone, others } = await this.divide(await this.takeDue(nowMs));
      await this.settleAlone(alone);
      for (const round of inRounds(others, this.options.tracesPerRound)) {
        await this.settleRound(round);
        this.settled(round);
      }
    } finally {
      this.settling = 0;
    }
  }

  private async takeDue(nowMs: number): Promise<OpenTrace[]> {
    const due: OpenTrace[] = [];
    for (const trace of this.traces.due(nowMs, this.options.patience)) {
      due.push(trace);
      this.settling += itemsOf(trace);
      if (isOver()) await turn();
    }
    return due;
  }

  /** Those of which all is here, and those that need what the store knows. */
  private async divide(due: OpenTrace[]): Promise<{ alone: OpenTrace[]; others: OpenTrace[] }> {
    const { knowledge } = this.options;
    const divided = { alone: [] as OpenTrace[], others: [] as OpenTrace[] };
    if (!knowledge) return { ...divided, others: due };
    for (const trace of due) {
      knowledge.note(trace);
      if (isOver()) await turn();
    }
    for (const trace of due) {
      (knowledge.needsStore(trace) ? divided.others : divided.alone).push(trace);
      if (isOver()) await turn();
    }
    return divided;
  }

  private settled(traces: readonly OpenTrace[]): void {
    for (const trace of traces) {
      this.settling -= itemsOf(trace);
      for (const segment of trace.segments) this.options.holds.release(segment);
    }
  }

  private async settleAlone(traces: readonly OpenTrace[]): Promise<void> {
    let from = 0;
    while (from < traces.length) {
      const to = await this.tryAlone(traces, from);
      this.settled(traces.slice(from, to));
      from = to;
    }
  }

  /** Settles as many traces as make one insert, and says up to where that was. */
  private async tryAlone(traces: readonly OpenTrace[], from: number): Promise<number> {
    let to = from;
    try {
      while (to < traces.length && this.calls.rows < rowsPerInsert) {
        const step = traces.slice(to, to + tracesPerStep);
        to += step.length;
        for (const [projectId, own] of groupBy(step, trace => trace.projectId)) {
          this.write(projectId, deriveFromMemory(own), this.nextVersion());
        }
        if (isOver()) await turn();
      }
      await this.store(true);
    } catch (error) {
      if (!isOurFault(error) && !isTooMuch(error)) throw error;
      // Once more the long way, which finds the one that is to blame; what the others have written is written again.
      this.forgetRows();
      for (const round of inRounds(traces.slice(from, to), this.options.tracesPerRound)) {
        await this.settleRound(round);
      }
    }
    return to;
  }

  private async settleRound(round: readonly OpenTrace[]): Promise<void> {
    const { log, signal, clickhouse, knowledge } = this.options;
    try {
      const { projectId } = round[0]!;
      const derive = () => deriveWithStore(clickhouse, projectId, round);
      const derived = await untilDone(derive, 'settle traces', log, signal, canHelp(round.length > 1));
      this.write(projectId, derived, knowledge ? this.later(derived.version) : derived.version);
      await this.store(round.length > 1);
    } catch (error) {
      if (!isOurFault(error) && !isTooMuch(error)) throw error;
      await this.isolate(round, error);
    }
  }

  private write(projectId: string, derived: Derived, version: bigint): void {
    const mark = { projectId, version };
    const { names, now } = this.options;
    const nowMs = now();
    try {
      for (const call of derived.calls) {
        // Priced by its own name, before what is too many is folded together.
        const { call: told, cost } = this.priced(call, projectId);
        addCall(this.calls, names.foldCall(projectId, told, nowMs), cost, mark);
      }
      for (const tool of derived.toolCalls) {
        addToolCall(this.toolCalls, names.foldTool(projectId, tool, nowMs), mark);
      }
      for (const deletion of derived.deletedCalls) addDeletion(this.calls, deletion, mark);
      for (const deletion of derived.deletedToolCalls) addDeletion(this.toolCalls, deletion, mark);
    } catch (cause) {
      // Half a row may have been written: nothing in the blocks can be believed any more.
      this.forgetRows();
      throw new DerivationFailed('the calls of some traces could not be written', { cause });
    }
  }

  private forgetRows(): void {
    this.calls = callBlock();
    this.toolCalls = toolCallBlock();
  }

  /** Stores the rows written so far, trying until it works, or the store refuses the rows themselves or has no room for so many. */
  private async store(ofSeveral: boolean): Promise<void> {
    const { clickhouse, crashPoint, log, signal } = this.options;
    const unsent: Unsent = new Map();
    if (this.calls.rows > 0) unsent.set('calls', { format: 'Native', ...this.calls.sealed() });
    if (this.toolCalls.rows > 0) unsent.set('tool_calls', { format: 'Native', ...this.toolCalls.sealed() });
    if (unsent.size === 0) return;
    const insert = () => insertRows(clickhouse, unsent);
    try {
      await untilDone(insert, 'store calls', log, signal, canHelp(ofSeveral));
    } finally {
      this.calls.clear();
      this.toolCalls.clear();
    }
    await crashPoint('calls-inserted');
  }

  /** Microseconds by our own clock, which is the store's where nobody else writes to it. */
  private nextVersion(): bigint {
    return this.later(BigInt(this.options.now()) * 1000n);
  }

  private later(version: bigint): bigint {
    this.lastVersion = version > this.lastVersion ? version : this.lastVersion + 1n;
    return this.lastVersion;
  }

  /** One trace that we cannot read must not keep the others from the ledger; its spans are stored all the same. */
  private async isolate(round: readonly OpenTrace[], error: unknown): Promise<void> {
    if (round.length === 1) {
      await this.setAside(round[0]!, error);
      return;
    }
    const half = Math.ceil(round.length / 2);
    await this.settleRound(round.slice(0, half));
    await this.settleRound(round.slice(half));
  }

  /** It has no calls in the ledger until it has news, upon which it is tried again. */
  private async setAside(trace: OpenTrace, error: unknown): Promise<void> {
    const { quarantine, log, signal, onSetAside } = this.options;
    const add = () => quarantine.addTrace(trace, error);
    if (await untilDone(add, 'write to the quarantine', log, signal)) onSetAside();
  }
}

/** Whether to try again; several traces are divided instead when they are too much at once. */
function canHelp(ofSeveral: boolean): (error: unknown) => boolean {
  let attempts = 0;
  return error => {
    if (isOurFault(error)) return false;
    if (!isTooMuch(error)) return true;
    attempts++;
    return !ofSeveral && attempts < attemptsWithoutMemory[isStoreFull(error) ? 'ofAll' : 'own'];
  };
}

function isOurFault(error: unknown): boolean {
  return error instanceof DerivationFailed || isBadData(error);
}

/** Traces of one project that began on one day together, so that a read never spans more days than it must. */
function inRounds(due: readonly OpenTrace[], size: number): OpenTrace[][] {
  const groups = new Map<string, OpenTrace[]>();
  for (const trace of due) {
    const key = `${trace.fromNs / dayNs} ${trace.projectId}`;
    const group = groups.get(key);
    if (group) group.push(trace);
    else groups.set(key, [trace]);
  }
  const rounds: OpenTrace[][] = [];
  for (const group of groups.values()) {
    for (let i = 0; i < group.length; i += size) rounds.push(group.slice(i, i + size));
  }
  return rounds;
}
