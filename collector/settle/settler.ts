import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouse } from '#store/engine/client.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import type { Call, CallCost } from '../request/call.ts';
import { DerivationFailed, ledgerRowsOf } from './derive.ts';
import type { Accepted } from './inserter.ts';
import { type OpenTrace, OpenTraces, type Patience, type SegmentHolds } from './open-traces.ts';
import { untilDone } from './retry.ts';

export interface SettlerOptions {
  clickhouse: ClickHouse;
  log: CollectorLog;
  crashPoint: CrashPoint;
  signal: AbortSignal;
  holds: SegmentHolds;
  price: (call: Call) => CallCost;
  now: () => number;
  patience: Patience;
  /** How often to look for quiet traces. */
  tickMs: number;
  /** Traces whose calls are derived together. */
  tracesPerRound: number;
}

const dayNs = 86_400_000_000_000n;

/** Turns traces that have become quiet into ledger rows, one round after the other. */
export class Settler {
  private readonly options: SettlerOptions;
  private readonly traces: OpenTraces;
  private readonly timer: NodeJS.Timeout;
  private settling = 0;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;

  constructor(options: SettlerOptions) {
    this.options = options;
    this.traces = new OpenTraces(options.holds);
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
      for (const round of inRounds(due, this.options.tracesPerRound)) {
        await this.settleRound(round);
        for (const trace of round) {
          this.settling -= trace.spans.size + trace.logs.size;
          for (const segment of trace.segments) this.options.holds.release(segment);
        }
      }
    } finally {
      this.settling = 0;
    }
  }

  private async settleRound(round: readonly OpenTrace[]): Promise<void> {
    const { log, crashPoint, signal } = this.options;
    try {
      await untilDone(
        () => this.tryRound(round),
        'settle traces',
        log,
        signal,
        error => !isOurFault(error),
      );
      await crashPoint('calls-inserted');
    } catch (error) {
      if (!isOurFault(error)) throw error;
      await this.isolate(round, error);
    }
  }

  private async tryRound(round: readonly OpenTrace[]): Promise<void> {
    const { clickhouse, price } = this.options;
    const rows = await ledgerRowsOf(clickhouse, round[0]!.projectId, round, price);
    await Promise.all([
      clickhouse.insert<object>('calls', rows.calls),
      clickhouse.insert<object>('tool_calls', rows.tool_calls),
    ]);
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

/** ClickHouse's codes for "this row is not one": trying again does not help, and the other traces are not to blame. */
const badDataCodes: ReadonlySet<string> = new Set([
  '6',
  '26',
  '27',
  '38',
  '41',
  '53',
  '69',
  '70',
  '72',
  '117',
  '321',
  '349',
]);

function isOurFault(error: unknown): boolean {
  return (
    error instanceof DerivationFailed || (error instanceof ClickHouseError && badDataCodes.has(error.code))
  );
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
