import { type Profiler, Session } from 'node:inspector';

/** Blocks of the collector's code that have run, as V8 counts them. Begin before the code is first used. */
export class Coverage {
  readonly seen = new Set<string>();
  private last: string[] = [];
  private readonly session = new Session();

  constructor() {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What the last `take` found new, to be found again. */
  forgetLast(): void {
    for (const block of this.last) this.seen.delete(block);
    this.last = [];
  }

  /** How many blocks ran since the last time that had never run before. */
  take(): number {
    this.last = [];
    for (const script of this.collect()) {
      if (!script.url.includes('/collector/')) continue;
      for (const { ranges } of script.functions) {
        for (const { count, startOffset, endOffset } of ranges) {
          const block = `${script.scriptId}:${startOffset}:${endOffset}`;
          if (count === 0 || this.seen.has(block)) continue;
          this.seen.add(block);
          this.last.push(block);
        }
      }
    }
    return this.last.length;
  }

  private collect(): Profiler.ScriptCoverage[] {
    let result: Profiler.ScriptCoverage[] = [];
    // In the same thread the answer comes before `post` returns.
    this.session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error;
      result = answer.result;
    });
    return result;
  }
}
