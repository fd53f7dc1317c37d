import type { ClickHouse } from '#store/engine/client.ts';
import { callBlock, toolCallBlock } from '#store/native/tables.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import type { Call, CallCost } from '../request/call.ts';
import { groupBy } from '../request/group-by.ts';
import { isOver, turn } from '../turns.ts';
import { isBadData, isTooMuch } from './bad-data.ts';
import { addCall, addDeletion, addToolCall } from './call-block.ts';
import { DerivationFailed, type Derived, deriveFromMemory, deriveWithStore } from './derive.ts';
import { insertRows, type Unsent } from './insert.ts';
import type { Accepted } from './inserter.ts';
import type { LedgerNames } from './name-limit.ts';
import { type OpenTrace, OpenTraces, type Patience, type SegmentHolds } from './open-traces.ts';
import { untilDone } from './retry.ts';
import type { StoreKnowledge } from './store-knowledge.ts';

export interface SettlerOptions {
  clickhouse: ClickHouse;
  log: CollectorLog;
  crashPoint: CrashPoint;
  signal: AbortSignal;
  holds: SegmentHolds;
  price: (call: Call, projectId: string) => CallCost;
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

const dayNs = 86_400_000_000_000n;

/** Turns traces that have become quiet into ledger rows, one round after the other. */
export class Settler {
  private readonly options: SettlerOptions;
  private readonly traces: OpenTraces;
  private readonly timer: NodeJS.Timeout;
  private calls = callBlock();
  private toolCalls = toolCallBlock();
  private lastVersion = 0n;
  private settling = 0;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;

  constructor(options: SettlerOptions) {
    this.options = options;
    const { knowledge } = options;
    this.traces = new OpenTraces(
      options.holds,
      (traceId, nowMs) => knowledge?.opened(traceId, nowMs) ?? true,
    );
    this.timer = setInterval(() => {
      if (!this.isRunning) void this.settleDue(options.now());
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

  private settleDue(nowMs: number): Promise<void> {
    this.isRunning = true;
    this.running = this.settleAll(this.traces.takeDue(nowMs, this.options.patience))
      .catch(error => {
        // Only giving up at the end gets here: the write-ahead log still has what is not settled.
        this.options.log.info({ error }, 'settling was interrupted');
      })
      .finally(() => {
        this.isRunning = false;
      });
    return this.running;
  }

  private async settleAll(due: OpenTrace[]): Promise<void> {
    this.settling = due.reduce((sum, trace) => sum + trace.spans.size + trace.logs.size, 0);
    try {
      const { alone, others } = this.divide(due);
      await this.settleAlone(alone);
      for (const round of inRounds(others, this.options.tracesPerRound)) {
        await this.settleRound(round);
        this.settled(round);
      }
    } finally {
      this.settling = 0;
    }
  }

  /** Those of which all is here, and those that need what the store knows. */
  private divide(due: OpenTrace[]): { alone: OpenTrace[]; others: OpenTrace[] } {
    const { knowledge } = this.options;
    const divided = { alone: [] as OpenTrace[], others: [] as OpenTrace[] };
    if (!knowledge) return { ...divided, others: due };
    for (const trace of due) knowledge.note(trace);
    for (const trace of due) (knowledge.needsStore(trace) ? divided.others : divided.alone).push(trace);
    return divided;
  }

  private settled(traces: readonly OpenTrace[]): void {
    for (const trace of traces) {
      this.settling -= trace.spans.size + trace.logs.size;
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
      await this.store();
    } catch (error) {
      if (!isOurFault(error)) throw error;
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
      const canHelp = (error: unknown) => !isOurFault(error) && !(isTooMuch(error) && round.length > 1);
      const derived = await untilDone(derive, 'settle traces', log, signal, canHelp);
      this.write(projectId, derived, knowledge ? this.later(derived.version) : derived.version);
      await this.store();
    } catch (error) {
      if (!isOurFault(error) && !isTooMuch(error)) throw error;
      await this.isolate(round, error);
    }
  }

  private write(projectId: string, derived: Derived, version: bigint): void {
    const mark = { projectId, version };
    const { price, names, now } = this.options;
    const nowMs = now();
    try {
      for (const call of derived.calls) {
        addCall(this.calls, names.foldCall(projectId, call, nowMs), price(call, projectId), mark);
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

  /** Stores the rows written so far, trying until it works or the store refuses the rows themselves. */
  private async store(): Promise<void> {
    const { clickhouse, crashPoint, log, signal } = this.options;
    const unsent: Unsent = new Map();
    if (this.calls.rows > 0) unsent.set('calls', { format: 'Native', ...this.calls.sealed() });
    if (this.toolCalls.rows > 0) unsent.set('tool_calls', { format: 'Native', ...this.toolCalls.sealed() });
    if (unsent.size === 0) return;
    const insert = () => insertRows(clickhouse, unsent);
    try {
      await untilDone(insert, 'store calls', log, signal, error => !isOurFault(error));
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
      this.options.log.error(
        { error, traceId: round[0]!.traceId },
        'a trace has no calls, since deriving them failed',
      );
      return;
    }
    const half = Math.ceil(round.length / 2);
    await this.settleRound(round.slice(0, half));
    await this.settleRound(round.slice(half));
  }
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
