import { type Profiler, Session } from 'node:inspector';

/**
 * Blocks of code that have run, as V8 counts them. Code that was loaded by the runner has no file name; that is the program
 * and this harness, while Node and the packages do have one.
 */
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
      if (script.url !== '') continue;
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
