import type { IngestProblem } from '#contract/ingest.ts';
import type { BackOff } from './back-off.ts';
import type { ForwardStatus } from './status.ts';

type Told = Omit<IngestProblem, 'id' | 'since'>;

/** Told what is wrong, again with newer words while it lasts, and null when it is over. */
export type OnProblem = (id: string, problem: Told | null) => void;

/** A failure shorter than this is a restart of the other side, and nobody's business. */
const patienceMs = 10_000;
/** What has been lost is shown for so long after it happened last. */
const shownMs = 60 * 60_000;

/** What people must know about forwarding. */
export class ForwardProblems {
  private readonly current = new Map<string, Told>();
  /** When each loss happened last. */
  private readonly lossAtMs = new Map<string, number>();
  private onProblem: OnProblem = () => {};

  /** From now on, and of what is wrong already. */
  tellTo(onProblem: OnProblem): void {
    this.onProblem = onProblem;
    for (const [id, problem] of this.current) onProblem(id, problem);
  }

  /** Too much waited. */
  dropped(nowMs: number, { url, dropped, lastError }: ForwardStatus): void {
    this.lose(nowMs, 'forward-dropped', {
      severity: 'critical',
      title: `${count(dropped.limit)} were dropped instead of being forwarded`,
      detail: `More waits for ${url} than DRIFTLINE_FORWARD_LIMIT_MB allows. ${kept} ${last(lastError)}`,
    });
  }

  /** The disk did not do what it should. */
  unkept(nowMs: number, { url, lastError }: ForwardStatus): void {
    this.lose(nowMs, 'forward-unkept', {
      severity: 'critical',
      title: 'Part of what was received cannot be forwarded',
      detail: `It could not be kept, or not be read again, for ${url}. ${kept} ${last(lastError)}`,
    });
  }

  /** The other side said no. */
  refused(nowMs: number, { url, dropped, lastError }: ForwardStatus): void {
    this.lose(nowMs, 'forward-refused', {
      severity: 'warning',
      title: `${url} refused ${count(dropped.refused)}`,
      detail: `They are not sent again; of what was refused whole, the newest is kept in the folder forward. ${kept} ${last(lastError)}`,
    });
  }

  /** Looks at the rest; call it every second or so. */
  judge(nowMs: number, { url, waitingBytes, lastError }: ForwardStatus, { failingSinceMs }: BackOff): void {
    if (failingSinceMs !== null && nowMs - failingSinceMs >= patienceMs) {
      this.tell('forward-failing', {
        severity: 'warning',
        title: `${url} does not take what is forwarded`,
        detail: `${megabytes(waitingBytes)} wait, and are sent when it answers again. ${last(lastError)}`,
      });
    } else if (failingSinceMs === null) this.tell('forward-failing', null);
    for (const [id, atMs] of this.lossAtMs) {
      if (nowMs - atMs <= shownMs) continue;
      this.lossAtMs.delete(id);
      this.tell(id, null);
    }
  }

  private lose(nowMs: number, id: string, problem: Told): void {
    this.lossAtMs.set(id, nowMs);
    this.tell(id, problem);
  }

  private tell(id: string, problem: Told | null): void {
    if (problem) this.current.set(id, problem);
    else if (!this.current.delete(id)) return;
    this.onProblem(id, problem);
  }
}

const kept = 'Driftline itself has everything.';
const last = (error: ForwardStatus['lastError']) => `Last error: ${error?.message ?? 'none'}.`;
const count = (items: number) =>
  `${items} ${items === 1 ? 'span, record or point' : 'spans, records and points'}`;
const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
