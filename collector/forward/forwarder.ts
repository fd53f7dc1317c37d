import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectorLog } from '../hooks.ts';
import type { Signal } from '../otlp/proto.ts';
import { scanSegment } from '../wal/segment-file.ts';
import { BackOff } from './back-off.ts';
import { type Batch, joined, readBatches } from './batches.ts';
import { ForwardProblems, type OnProblem } from './problems.ts';
import { type ForwardQueue, openForwardQueue, type QueuedFile } from './queue.ts';
import type { ForwardStatus } from './status.ts';
import { openTarget, type Target } from './target.ts';

/** Where everything that is received is sent on to. */
export interface ForwardingOptions {
  /** Base of an OTLP/HTTP endpoint. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** How much may wait on disk before the oldest is dropped. */
  limitBytes: number;
  settings?: Partial<ForwarderSettings>;
}

export interface ForwarderOptions extends ForwardingOptions {
  /** What waits is kept here. */
  dir: string;
  log: CollectorLog;
  now?: () => number;
  /** From 0 to 1. */
  random?: () => number;
}

/** What is seldom changed, with defaults below. */
export interface ForwarderSettings {
  firstBackOffMs: number;
  longestBackOffMs: number;
  timeoutMs: number;
  batchBytes: number;
  /** Requests on their way at once. */
  lanes: number;
}

const defaults: ForwarderSettings = {
  firstBackOffMs: 500,
  longestBackOffMs: 30_000,
  timeoutMs: 30_000,
  batchBytes: 4 * 1024 * 1024,
  lanes: 4,
};

/** How often the problems are looked at, and the position is written. */
const tickMs = 1000;
/** Answers that say neither yes nor no are taken for a no after so many. */
const maxDoubtfulTries = 5;
const pauseAfterErrorMs = 1000;

/**
 * Sends on what the write-ahead log has kept, in its own time: ingest only makes a hard link for each segment. Everything
 * arrives at least once, unless the other side refuses it for good or more waits than the limit allows.
 */
export class Forwarder {
  private readonly options: ForwarderOptions;
  private readonly settings: ForwarderSettings;
  private readonly queue: ForwardQueue;
  private readonly target: Target;
  private readonly backOff: BackOff;
  private readonly problems = new ForwardProblems();
  private readonly stopping = new AbortController();
  private readonly dropped = { refused: 0, limit: 0, disk: 0 };
  private sentItems = 0;
  private lastSentAtMs: number | null = null;
  private lastError: ForwardStatus['lastError'] = null;
  private wake: () => void = () => {};
  private running: Promise<void> = Promise.resolve();
  private trimming: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;

  /** Use openForwarder. */
  constructor(options: ForwarderOptions, queue: ForwardQueue) {
    const { url, headers, random = Math.random, now = Date.now } = options;
    this.options = options;
    this.settings = { ...defaults, ...options.settings };
    const { lanes, timeoutMs, firstBackOffMs, longestBackOffMs } = this.settings;
    this.queue = queue;
    this.target = openTarget({ url, headers, lanes, timeoutMs });
    this.backOff = new BackOff({ firstMs: firstBackOffMs, longestMs: longestBackOffMs, random, now });
  }

  /** Takes over the segments that an earlier process left in the write-ahead log; call it before they can be deleted. */
  adopt(paths: readonly string[]): Promise<void> {
    return this.queue.adopt(paths);
  }

  /**
   * Takes over a segment that is complete. Never rejects: what cannot be linked is counted and told, and ingest goes on.
   * When it resolves, the log may delete the segment.
   */
  async add(path: string): Promise<void> {
    try {
      await this.queue.add(path);
    } catch (error) {
      this.options.log.error({ error, path }, 'could not keep a segment for forwarding');
      this.fail(`could not keep what was received: ${(error as Error).message}`);
      this.dropped.disk += await itemsIn(path);
      this.problems.unkept(this.now(), this.status());
      return;
    }
    this.trim();
    this.wake();
  }

  /** Begins to send, and to tell what is wrong. */
  start(onProblem: OnProblem): void {
    this.problems.tellTo(onProblem);
    this.running = this.run();
    this.timer = setInterval(() => this.problems.judge(this.now(), this.status(), this.backOff), tickMs);
    this.timer.unref();
  }

  status(): ForwardStatus {
    return {
      url: this.target.name,
      waitingBytes: this.queue.bytes,
      waitingFiles: this.queue.length,
      sentItems: this.sentItems,
      dropped: { ...this.dropped },
      lastSentAtMs: this.lastSentAtMs,
      lastError: this.lastError,
    };
  }

  /** Ends at once: what is on its way is sent again after the next start. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopping.abort();
    this.wake();
    await this.running;
    await this.trimming;
    this.target.close();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const file = this.queue.first;
      try {
        if (file) await this.forward(file);
        else await this.nextFile();
      } catch (error) {
        if (signal.aborted) return;
        // The disk, since whatever the other side does has been dealt with.
        this.options.log.error({ error }, 'could not forward; trying again');
        this.fail((error as Error).message);
        await sleep(pauseAfterErrorMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  private async nextFile(): Promise<void> {
    await new Promise<void>(resolve => {
      this.wake = resolve;
      if (this.queue.length > 0 || this.stopping.signal.aborted) resolve();
    });
  }

  /** Sends what is left of a file, several requests at once, and takes it off the queue. */
  private async forward(file: QueuedFile): Promise<void> {
    const { lanes, batchBytes } = this.settings;
    const begun: { end: number; isDone: boolean }[] = [];
    const busy = new Set<Promise<void>>();
    let savedAtMs = this.now();
    const batches = readBatches(file.path, this.queue.offsetIn(file), batchBytes, () => this.onDamaged(file));
    try {
      for await (const batch of batches) {
        if (this.isOver(file)) break;
        const one = { end: batch.end, isDone: false };
        begun.push(one);
        const sending = this.deliver(batch, file).then(isDone => {
          one.isDone = isDone;
          busy.delete(sending);
        });
        busy.add(sending);
        if (busy.size >= lanes) await Promise.race(busy);
        if (this.now() - savedAtMs < tickMs) continue;
        savedAtMs = this.now();
        await this.save(file, begun);
      }
    } finally {
      await Promise.all(busy);
    }
    if (this.isOver(file)) await this.save(file, begun);
    else await this.queue.remove(file);
  }

  private isOver(file: QueuedFile): boolean {
    return file.isDropped || this.stopping.signal.aborted;
  }

  /** Remembers how far everything is done. */
  private async save(file: QueuedFile, begun: { end: number; isDone: boolean }[]): Promise<void> {
    const open = begun.findIndex(({ isDone }) => !isDone);
    const last = begun[(open < 0 ? begun.length : open) - 1];
    if (last && !file.isDropped) await this.queue.save(file, last.end);
  }

  /** Tries until it is sent or refused; false when the file or the forwarder ended before. */
  private async deliver(batch: Batch, file: QueuedFile): Promise<boolean> {
    const { signal: stopped } = this.stopping;
    const payload = joined(batch.parts);
    for (let doubtful = 0; !this.isOver(file); ) {
      if (!(await this.backOff.wait(stopped)) || this.isOver(file)) break;
      const outcome = await this.target.post(batch.signal, payload, stopped);
      if (outcome.kind === 'taken') {
        file.doneItems += batch.items;
        this.onTaken(batch, outcome.rejected, outcome.message);
        return true;
      }
      if (stopped.aborted) break;
      if (outcome.kind === 'later' && !(outcome.limited && ++doubtful >= maxDoubtfulTries)) {
        this.backOff.failed(outcome.retryAfterMs);
        this.fail(outcome.message);
        continue;
      }
      this.backOff.succeeded();
      return await this.deliverApart(batch, file, outcome.message);
    }
    return false;
  }

  /** One bad request must not take its neighbours with it, so each is tried by itself; a single one is dropped. */
  private async deliverApart(batch: Batch, file: QueuedFile, message: string): Promise<boolean> {
    if (batch.parts.length === 1) {
      file.doneItems += batch.items;
      await this.drop(batch, message);
      return true;
    }
    for (const part of batch.parts) {
      const alone = { ...batch, parts: [part], items: part.items, bytes: part.payload.length };
      if (!(await this.deliver(alone, file))) return false;
    }
    return true;
  }

  private onTaken(batch: Batch, rejected: number, message: string): void {
    this.backOff.succeeded();
    this.sentItems += Math.max(0, batch.items - rejected);
    this.lastSentAtMs = this.now();
    if (rejected > 0) this.onRefused(batch.signal, rejected, message || 'without a reason');
  }

  private async drop(batch: Batch, message: string): Promise<void> {
    this.onRefused(batch.signal, batch.items, message);
    // The newest of each signal is kept, so that it can be looked at and sent by hand.
    const sample = join(this.options.dir, `refused.${batch.signal}.pb`);
    await writeFile(sample, joined(batch.parts)).catch((error: unknown) => {
      this.options.log.warn({ error }, 'could not keep a sample of what was refused');
    });
  }

  private onRefused(signal: Signal, items: number, message: string): void {
    this.dropped.refused += items;
    this.fail(message);
    this.options.log.warn({ signal, items, message, url: this.target.name }, 'forwarded items were refused');
    this.problems.refused(this.now(), this.status());
  }

  private onDamaged(file: QueuedFile): void {
    this.options.log.error({ path: file.path }, 'a damaged record cannot be forwarded');
    this.dropped.disk++;
    this.fail('a file that waited is damaged');
    this.problems.unkept(this.now(), this.status());
  }

  private fail(message: string): void {
    this.lastError = { atMs: this.now(), message };
  }

  /** Drops the oldest files while too much waits. */
  private trim(): void {
    this.trimming = this.trimming
      .then(() => this.dropOldest())
      .catch((error: unknown) => {
        this.options.log.error({ error }, 'could not drop what waits to be forwarded');
      });
  }

  private async dropOldest(): Promise<void> {
    const { limitBytes, log } = this.options;
    while (this.queue.bytes > limitBytes && this.queue.length > 1) {
      const file = this.queue.first!;
      file.isDropped = true;
      const { path, bytes } = file;
      this.dropped.limit += Math.max(0, (await itemsIn(path)) - file.doneItems);
      await this.queue.remove(file);
      log.error({ path, bytes }, 'too much waits to be forwarded; dropped the oldest');
      this.problems.dropped(this.now(), this.status());
    }
  }
}

/** Items of a segment file; 0 when it cannot be read. */
async function itemsIn(path: string): Promise<number> {
  try {
    return (await scanSegment(path)).items;
  } catch {
    return 0;
  }
}

/** Opens a forwarder on its folder; `start` makes it send. */
export async function openForwarder(options: ForwarderOptions): Promise<Forwarder> {
  return new Forwarder(options, await openForwardQueue(options.dir, options.now ?? Date.now));
}
