import type { ComparedCall, ComparedPair, ComparePairs } from '#contract/compare-pairs.ts';
import { type ArmsQuestion, arms, type ByArm } from '#store/queries/compare-arms.ts';
import { type ArmCall, readArmCalls } from '#store/queries/compare-calls.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import type { Redactor } from '#store/redact/redactor.ts';
import type { QualityDeps } from '../deps.ts';
import { textOf } from '../sampling/example.ts';
import { scoreMeaning } from '../score-meaning.ts';
import { trigramsOf } from '../text/trigrams.ts';
import { matchTexts } from './match.ts';

export interface PairsQuestion extends Omit<ArmsQuestion, 'projectId'> {
  score: string;
  show: 'worse' | 'better';
  /** 0 to 1. */
  similarity: number;
  limit: number;
}

export interface PairsDeps extends Pick<QualityDeps, 'clickhouse' | 'projectId'> {
  /** Takes private values out of texts once more: settings may have become stricter. */
  redactor(): Promise<Pick<Redactor, 'text'>>;
}

/** Scored calls of each arm that are compared with those of the other. */
const mostCalls = 500;
const batch = 100;
const excerpt = 400;

/** Calls of two arms that were asked nearly the same and scored differently, the largest difference first. */
export async function examplePairs(deps: PairsDeps, asked: PairsQuestion): Promise<ComparePairs> {
  const { clickhouse, projectId } = deps;
  const better = scoreMeaning(asked.score);
  // What is low of one and high of the other makes the largest differences.
  const isLower = (asked.show === 'worse') === (better === 'higher');
  const found = await readArmCalls(
    clickhouse,
    { projectId, ...asked },
    {
      score: asked.score,
      first: isLower
        ? { control: 'highest', candidate: 'lowest' }
        : { control: 'lowest', candidate: 'highest' },
      limit: mostCalls,
    },
  );
  const [control, candidate] = await Promise.all([
    withTexts(deps, found.control),
    withTexts(deps, found.candidate),
  ]);
  const triplesOf = (calls: readonly TextedCall[]) => calls.map(({ input }) => trigramsOf(input));
  const matches = await matchTexts(triplesOf(control), triplesOf(candidate), asked.similarity);
  const direction = isLower ? -1 : 1;
  const pairs = matches
    .map(({ similarity, ...at }) => {
      const sides = { control: control[at.control]!, candidate: candidate[at.candidate]! };
      return { similarity, difference: sides.candidate.call.score - sides.control.call.score, ...sides };
    })
    .filter(({ difference }) => difference * direction > 0)
    .sort((a, b) => direction * (b.difference - a.difference) || b.similarity - a.similarity)
    .slice(0, asked.limit)
    .map(({ similarity, difference, ...sides }): ComparedPair => {
      return { similarity, difference, control: sideOf(sides.control), candidate: sideOf(sides.candidate) };
    });
  const looked = { control: found.control.length, candidate: found.candidate.length };
  const withoutText = looked.control + looked.candidate - control.length - candidate.length;
  return {
    score: asked.score,
    better,
    pairs,
    looked_at: { ...looked, without_text: withoutText, matched: matches.length },
    notes: notesOf(looked, withoutText),
  };
}

interface TextedCall {
  call: ArmCall;
  /** Whole. */
  input: string;
  output: string;
}

/** Calls whose question is kept; texts are read in batches. */
async function withTexts(deps: PairsDeps, calls: readonly ArmCall[]): Promise<TextedCall[]> {
  const { text: redact } = await deps.redactor();
  const texted: TextedCall[] = [];
  for (let from = 0; from < calls.length; from += batch) {
    const part = calls.slice(from, from + batch);
    const texts = await textsOfCalls(deps.clickhouse, deps.projectId, part.map(asCall));
    for (const call of part) {
      const { input, output } = texts.get(`${call.traceId}/${call.spanId}`) ?? { input: null, output: null };
      const asked = input?.findLast(({ role }) => role === 'user');
      const question = asked ? textOf([asked]) : '';
      if (question.trim() === '') continue;
      texted.push({ call, input: redact(question), output: redact(textOf(output ?? [])) });
    }
  }
  return texted;
}

const asCall = (call: ArmCall) => ({
  ...call,
  startTime: '',
  feature: '',
  finishReason: '',
  dimensions: {},
});

const sideOf = ({ call, input, output }: TextedCall): ComparedCall => ({
  trace_id: call.traceId,
  span_id: call.spanId,
  time: call.time,
  score: call.score,
  model: call.model,
  prompt: call.prompt,
  input: excerptOf(input),
  output: output.trim() === '' ? null : excerptOf(output),
});

/** Whole characters, also beyond the first plane. */
function excerptOf(text: string): string {
  const letters = [...text.slice(0, 2 * excerpt + 2)];
  return letters.length > excerpt ? `${letters.slice(0, excerpt - 1).join('')}…` : text;
}

function notesOf(looked: ByArm<number>, withoutText: number): string[] {
  const notes = [
    'Pairs are chosen for their difference: they show what changed, and say nothing of how often. The comparison above does.',
  ];
  for (const arm of arms)
    if (looked[arm] >= mostCalls)
      notes.push(`Of the ${arm}, the ${mostCalls} calls with the most telling scores were looked at.`);
  if (withoutText > 0)
    notes.push(`${withoutText} scored calls could not be matched: their question is not kept.`);
  return notes;
}
