import type { ShapeWord, ShapeWords } from '#contract/shape-words.ts';
import { callsToSketch } from '#store/queries/calls-to-sketch.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import type { QualityDeps } from '../deps.ts';
import { exampleOf } from '../sampling/example.ts';
import { contentWords } from './sketch.ts';

interface TopicWordsQuestion {
  feature: string;
  model: string;
  environment: string;
  side: 'input' | 'output';
}

const hourMs = 3_600_000;
const windowHours = 24;
/** Texts are kept for 14 days. */
const referenceHours = 12 * 24;
const mostTexts = 500;
const mostWords = 8;
const fewestTexts = 5;
/** About one word of ten thousand would be named by chance. */
const surely = 4;

/** What topics moved by, in words. Texts are read when it is asked and nothing of it is kept. */
export async function topicWords(
  deps: Pick<QualityDeps, 'clickhouse' | 'projectId' | 'clock'>,
  { side, ...series }: TopicWordsQuestion,
): Promise<ShapeWords> {
  const toMs = Math.ceil(deps.clock.now() / hourMs) * hourMs;
  const fromMs = toMs - windowHours * hourMs;
  const [now, reference] = await Promise.all([
    wordsOf(deps, { ...series, side, fromMs, hours: windowHours }),
    wordsOf(deps, { ...series, side, fromMs: fromMs - referenceHours * hourMs, hours: referenceHours }),
  ]);
  return { now_texts: now.texts, reference_texts: reference.texts, ...movedWords(now, reference) };
}

/** In how many of some texts each word is. */
export interface WordCounts {
  texts: number;
  counts: ReadonlyMap<string, number>;
}

async function wordsOf(
  { clickhouse, projectId }: Pick<QualityDeps, 'clickhouse' | 'projectId'>,
  asked: TopicWordsQuestion & { fromMs: number; hours: number },
): Promise<WordCounts> {
  const { feature, model, environment, side } = asked;
  const hours = Array.from({ length: asked.hours }, (_, at) => asked.fromMs + at * hourMs);
  const calls = await callsToSketch(clickhouse, {
    projectId,
    hours,
    anHour: Math.ceil((2 * mostTexts) / asked.hours),
    of: { feature, model, environment },
  });
  const step = Math.max(1, calls.length / mostTexts);
  const chosen = calls.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
  const texts = await textsOfCalls(clickhouse, projectId, chosen);
  const counts = new Map<string, number>();
  let read = 0;
  for (const call of chosen) {
    const text = exampleOf(call, texts.get(`${call.traceId}/${call.spanId}`))[side];
    if (text === undefined) continue;
    read += 1;
    for (const word of contentWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return { texts: read, counts };
}

/** Words whose shares differ surely, by the z of two proportions with half a text added to each. */
export function movedWords(now: WordCounts, reference: WordCounts): Pick<ShapeWords, 'more' | 'fewer'> {
  if (now.texts === 0 || reference.texts === 0) return { more: [], fewer: [] };
  const words = new Set([...now.counts.keys(), ...reference.counts.keys()]);
  const judged = [...words].flatMap(word => {
    const [here, there] = [now.counts.get(word) ?? 0, reference.counts.get(word) ?? 0];
    if (here + there < fewestTexts) return [];
    const z = differenceOf([here, now.texts], [there, reference.texts]);
    const shown: ShapeWord = { word, now: here / now.texts, reference: there / reference.texts };
    return Math.abs(z) >= surely ? [{ z, shown }] : [];
  });
  const ranked = judged.sort((one, other) => Math.abs(other.z) - Math.abs(one.z));
  const of = (sign: number) =>
    ranked
      .filter(({ z }) => Math.sign(z) === sign)
      .slice(0, mostWords)
      .map(({ shown }) => shown);
  return { more: of(1), fewer: of(-1) };
}

function differenceOf([a, n]: [number, number], [b, m]: [number, number]): number {
  const [p, q] = [(a + 0.5) / (n + 1), (b + 0.5) / (m + 1)];
  return (p - q) / Math.sqrt((p * (1 - p)) / n + (q * (1 - q)) / m);
}
