import { setImmediate as letOthers } from 'node:timers/promises';
import type { MayGoOn } from '#store/leased-job.ts';
import { type CallVerdict, insertVerdicts } from '#store/queries/insert-scores.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import type { QualityDeps } from '../deps.ts';
import { type Evaluator, evaluatorId } from '../evaluators/evaluator.ts';
import type { Chosen } from '../sampling/choose.ts';
import { exampleOf } from '../sampling/example.ts';

export interface CallScorer {
  /** Judges what was chosen and stores the scores; false when it may not go on before all was judged. */
  score(chosen: readonly Chosen[], mayGoOn: MayGoOn): Promise<boolean>;
  /** Scores stored so far. */
  scored(): number;
}

type Verdicts = (CallVerdict | null)[];
type Work = () => Promise<CallVerdict | null>;

const callsAtOnce = 500;
/** Judges are asked side by side; how many at once is their own affair. */
const judgedTogether = 50;
const sliceMs = 8;

export function createCallScorer(deps: QualityDeps, evaluators: readonly Evaluator[]): CallScorer {
  const { clickhouse, projectId, clock, log } = deps;
  const byName = new Map(evaluators.map(evaluator => [evaluator.name, evaluator]));
  let scored = 0;

  /** Null when it cannot be judged: no score at all, which is not a score of zero. */
  async function judge(
    { call, rule, probability }: Chosen,
    texts: Parameters<typeof exampleOf>[1],
  ): Promise<CallVerdict | null> {
    const evaluator = byName.get(rule.evaluator)!;
    try {
      const { value, label, explanation } = await evaluator.score(exampleOf(call, texts), rule.settings);
      if (value === null) return null;
      const { traceId, spanId, startTime } = call;
      const rater = evaluator.kind === 'judge' ? 'judge' : 'rule';
      const by = { name: evaluator.name, evaluator: evaluatorId(evaluator), rater } as const;
      return { traceId, spanId, startTime, ...by, value, label, explanation, probability };
    } catch (error) {
      log.warn({ err: error, evaluator: evaluator.name, span: call.spanId }, 'a call could not be judged');
      return null;
    }
  }

  async function store(verdicts: Verdicts): Promise<void> {
    const judged = verdicts.filter(verdict => verdict !== null);
    await insertVerdicts(clickhouse, judged, { projectId, nowMs: clock.now() });
    scored += judged.length;
  }

  /** What was paid for is stored soon, and asking again after a crash costs little. */
  async function together(work: readonly Work[], mayGoOn: MayGoOn): Promise<boolean> {
    for (let at = 0; at < work.length; at += judgedTogether) {
      if (!(await mayGoOn())) return false;
      await store(await Promise.all(work.slice(at, at + judgedTogether).map(one => one())));
    }
    return true;
  }

  return {
    scored: () => scored,
    async score(chosen, mayGoOn) {
      for (let at = 0; at < chosen.length; at += callsAtOnce) {
        if (!(await mayGoOn())) return false;
        const part = chosen.slice(at, at + callsAtOnce);
        const texts = await textsOfCalls(clickhouse, projectId, [...new Set(part.map(({ call }) => call))]);
        const work = part.map(one => () => judge(one, texts.get(`${one.call.traceId}/${one.call.spanId}`)));
        const isSlow = part.some(({ rule }) => byName.get(rule.evaluator)!.kind === 'judge');
        if (!isSlow) await store(await oneByOne(work));
        else if (!(await together(work, mayGoOn))) return false;
      }
      return true;
    },
  };
}

async function oneByOne(work: readonly Work[]): Promise<Verdicts> {
  const verdicts: Verdicts = [];
  let sliceEnd = performance.now() + sliceMs;
  for (const one of work) {
    verdicts.push(await one());
    if (performance.now() > sliceEnd) {
      await letOthers();
      sliceEnd = performance.now() + sliceMs;
    }
  }
  return verdicts;
}
