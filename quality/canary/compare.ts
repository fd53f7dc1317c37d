import type { ArmCondition, CompareCheck, CompareMetric, Comparison } from '#contract/compare.ts';
import type { Condition } from '#contract/dimension.ts';
import {
  type ArmHead,
  type ArmsQuestion,
  readArms,
  readGuards,
  readScoreSums,
  type ScoreSumsByArm,
} from '#store/queries/compare-arms.ts';
import type { QualityDeps } from '../deps.ts';
import { scoreMeaning } from '../score-meaning.ts';
import { noSums } from './arm-sums.ts';
import { fewestUnits, harmOf } from './harm.ts';
import { sampleRatio } from './sample-ratio.ts';
import { checkSentence, sampleRatioSentence, verdictSentence } from './sentences.ts';
import { alphaOf, type Decided, decide, growthOfCheck } from './verdict.ts';

export interface CompareQuestion {
  control: readonly ArmCondition[];
  candidate: readonly ArmCondition[];
  where: readonly Condition[];
  fromMs: number;
  toMs: number;
  /** Name of the score; null: there is none. */
  score: string | null;
  margins: Record<CompareMetric, number>;
  level: number;
  /** Share of units meant to get the candidate; null: nobody said. */
  candidateShare: number | null;
}

const looks = 24;

/** Compares two arms of live traffic, as the contract says. Each look is computed anew from what is stored. */
export async function compareArms(
  { clickhouse, projectId }: Pick<QualityDeps, 'clickhouse' | 'projectId'>,
  asked: CompareQuestion,
): Promise<Comparison> {
  const question: ArmsQuestion = { projectId, ...asked };
  const heads = await readArms(clickhouse, question);
  const step = (asked.toMs - asked.fromMs) / looks;
  const times = Array.from({ length: looks }, (_, at) => Math.round(asked.fromMs + step * (at + 1)));
  const guards = await readGuards(clickhouse, question, heads.control.p95Ms);
  const scored = asked.score === null ? [] : await readScoreSums(clickhouse, question, asked.score, times);
  const now = scored.at(-1);
  const quality = now ?? { control: noSums, candidate: noSums };
  const qualityWorse =
    asked.score !== null && scoreMeaning(asked.score) === 'lower' ? ('higher' as const) : ('lower' as const);
  const options = {
    margins: asked.margins,
    level: asked.level,
    qualityWorse,
    scoreReach: now ? reachOf(now) : 1,
  };
  const decided = decide({ quality, ...guards }, options);
  const ratio =
    asked.candidateShare === null
      ? null
      : sampleRatio(heads.control.units, heads.candidate.units, asked.candidateShare);
  const isMismatched = ratio?.mismatch === true;
  const verdict = decided.verdict === 'ship' && isMismatched ? ('hold' as const) : decided.verdict;
  const calls = heads.control.calls + heads.candidate.calls;
  const checks = decided.checks.map(checked => ({
    ...checked.check,
    calls_needed: callsNeeded(checked, calls),
    sentence: checkSentence(checked.check),
  }));
  const needed = isMismatched ? null : neededFor(decided, heads, calls);
  return {
    verdict,
    sentence: verdictSentence(verdict, checks, needed, isMismatched),
    reasons: reasonsOf(verdict, checks),
    score: asked.score,
    level: asked.level,
    from: iso(asked.fromMs),
    to: iso(asked.toMs),
    control: armOf(heads.control, quality.control.calls),
    candidate: armOf(heads.candidate, quality.candidate.calls),
    checks,
    needed,
    sample_ratio: ratio && { ...ratio, sentence: sampleRatioSentence(ratio) },
    series: scored.map((sums, at) => seriesPoint(times[at]!, sums, options)),
    notes: notesOf(asked, heads, now),
  };
}

/** Scores between 0 and 1 lie at most 1 apart; of others the widest difference seen counts, or their size. */
function reachOf({ lowest, highest }: ScoreSumsByArm): number {
  if (lowest === null || highest === null || (lowest >= 0 && highest <= 1)) return 1;
  return Math.max(highest - lowest, Math.abs(lowest), Math.abs(highest));
}

function callsNeeded(checked: Decided['checks'][number], calls: number): number | null {
  const { state } = checked.harm;
  if (state === 'within' || state === 'beyond') return 0;
  if (state === 'no_data') return null;
  if (state === 'too_few') {
    const units = Math.min(checked.sides.control.units, checked.sides.candidate.units);
    return units === 0 ? null : Math.ceil(calls * (fewestUnits / units - 1));
  }
  const { within, bad } = growthOfCheck(checked);
  const least = Math.min(within ?? Number.POSITIVE_INFINITY, bad ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(least) ? Math.ceil(calls * (least - 1)) : null;
}

function neededFor(
  decided: Decided,
  heads: Record<'control' | 'candidate', ArmHead>,
  calls: number,
): Comparison['needed'] {
  const growth = decided.growth();
  const times = [heads.control, heads.candidate].flatMap(({ firstCall, lastCall }) => [firstCall, lastCall]);
  const known = times.filter(time => time !== null).map(time => Date.parse(time));
  if (!growth || known.length === 0) return null;
  const hours = (Math.max(...known) - Math.min(...known)) / 3_600_000;
  return {
    verdict: growth.verdict,
    calls: Math.max(1, Math.ceil(calls * (growth.factor - 1))),
    hours: hours * (growth.factor - 1),
  };
}

const urgency = ['beyond', 'worse', 'too_few', 'unsure', 'no_data', 'within'] as const;

function reasonsOf(verdict: Comparison['verdict'], checks: readonly CompareCheck[]): string[] {
  const ordered = [...checks].sort((one, other) => urgency.indexOf(one.state) - urgency.indexOf(other.state));
  return (verdict === 'ship' ? checks : ordered).map(({ sentence }) => sentence);
}

function armOf(head: ArmHead, scoredCalls: number): Comparison['control'] {
  return {
    calls: head.calls,
    units: head.units,
    scored_calls: scoredCalls,
    first_call: head.firstCall,
    last_call: head.lastCall,
    latency_p50_ms: head.p50Ms,
    latency_p95_ms: head.p95Ms,
  };
}

function seriesPoint(
  ms: number,
  { control, candidate }: ScoreSumsByArm,
  options: {
    margins: Record<CompareMetric, number>;
    level: number;
    qualityWorse: 'lower' | 'higher';
    scoreReach: number;
  },
): Comparison['series'][number] {
  const { difference, low, high } = harmOf(control, candidate, {
    margin: options.margins.quality,
    alpha: alphaOf('quality', options.level),
    worse: options.qualityWorse,
    reach: options.scoreReach,
    scale: 'difference',
  });
  return { time: iso(ms), difference, low, high };
}

function notesOf(
  asked: CompareQuestion,
  heads: { both: number; sharedUnits: number },
  scored: ScoreSumsByArm | undefined,
): string[] {
  const notes: string[] = [];
  if (heads.both > 0) notes.push(`${heads.both} calls fit both arms and were left out.`);
  if (heads.sharedUnits > 0) {
    notes.push(
      `${heads.sharedUnits} users, sessions or traces were in more than one arm: the arms are not independent and intervals may be off.`,
    );
  }
  if (asked.candidateShare === null) {
    notes.push(
      'No share was named for the candidate, so nobody can say whether the traffic was split as meant.',
    );
  }
  if (scored && scored.leftOut > 0) {
    notes.push(
      `${scored.leftOut} scores were left out: nobody knows with what chance their calls were chosen.`,
    );
  }
  if (scored && !scored.weighted && scored.control.calls + scored.candidate.calls > 0) {
    notes.push('The chance of being scored is not known: the mean is of the scored calls only.');
  }
  notes.push(
    'The intervals are asymptotic: they hold at every look once each arm has its first thirty users, sessions or traces.',
  );
  return notes;
}

const iso = (ms: number) => new Date(ms).toISOString();
