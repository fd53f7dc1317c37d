import { createHash, randomUUID } from 'node:crypto';
import { where } from '#contract/dimension.ts';
import type { TrainingCounts, TrainingExport } from '#contract/training.ts';
import { textsOfCalls } from '#store/queries/texts-of-calls.ts';
import { type TrainingCall, trainingCalls } from '#store/queries/training-calls.ts';
import { addTrainingExport } from '#store/state/training.ts';
import { type TrainingDeps, TrainingProblem } from './deps.ts';
import {
  type CallRef,
  comparedText,
  isRedacted,
  lineOf,
  type MadeOf,
  pairOf,
  pathOf,
  promptOf,
  redactPair,
} from './line.ts';
import { type MadeBySchedule, scheduleOf } from './made-by-schedule.ts';
import { spokenText } from './messages.ts';
import { createDuplicates, normalWords } from './near-duplicates.ts';

export interface TrainingFilter {
  format: TrainingExport['format'];
  fromMs: number;
  toMs: number;
  where: string;
  score: string;
  score_at_least: number;
  corrected_only: boolean;
  /** `name:label`; '' does not look at labels. */
  label: string;
  margin: number;
  near_duplicates: number;
  limit: number;
}

/** Calls one export looks at. */
const mostCalls = 100_000;
/** Texts held at a time. */
const batchSize = 200;

/** What is kept of a line. */
export interface KeptLine extends MadeOf {
  sha256: string;
}

export type Made = Omit<TrainingExport, 'export_id'> & { export_id: string | null };

/**
 * Chooses pairs, the surest first (corrected, then best scored), leaves out what says the same again, and keeps what each line was
 * made of. Texts are read in batches and not held; a dry run keeps nothing.
 */
export async function makeExport(
  deps: TrainingDeps,
  filter: TrainingFilter,
  { dryRun, signal, schedule }: { dryRun: boolean; signal?: AbortSignal; schedule?: MadeBySchedule },
): Promise<Made> {
  const label = labelOf(filter.label);
  if (filter.score === '' && !filter.corrected_only && !label)
    throw new TrainingProblem(
      'not_possible',
      'score: say which answers are good: by a score, a label, or only corrected ones',
    );
  const calls = trainingCalls(
    deps.clickhouse,
    {
      projectId: deps.projectId,
      fromMs: filter.fromMs,
      toMs: filter.toMs,
      conditions: where.parse(filter.where),
      score: filter.score,
      scoreAtLeast: filter.format === 'chat' ? filter.score_at_least : null,
      correctedOnly: filter.corrected_only,
      label,
      limit: mostCalls,
    },
    signal,
  );
  const writer = await createWriter(deps, filter);
  if (filter.format === 'chat') {
    for await (const batch of inBatches(calls)) await writer.write(batch.map(chatOf));
  } else await writePreferences(deps, filter, calls, writer);
  const head = {
    created_at: new Date(deps.nowMs()).toISOString(),
    format: filter.format,
    filter: filterOf(filter),
    ...writer.end(),
    schedule: schedule ? await scheduleOf(deps, schedule, writer.lines) : null,
  };
  if (dryRun) return { export_id: null, ...head };
  const made = { export_id: schedule?.exportId ?? randomUUID(), ...head };
  const row = {
    export_id: made.export_id,
    project_id: deps.projectId,
    created_at: made.created_at,
    head: JSON.stringify(made),
  };
  await addTrainingExport(
    deps.state,
    row,
    writer.lines.map(line => JSON.stringify(line)),
  );
  return made;
}

function labelOf(text: string): { name: string; value: string } | null {
  if (text === '') return null;
  const at = text.lastIndexOf(':');
  if (at < 1) throw new TrainingProblem('not_possible', `label: "${text}" is not name:label`);
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function filterOf({ fromMs, toMs, ...rest }: TrainingFilter): Record<string, unknown> {
  return { ...rest, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** A line that may be written, with the correction's text where there is one. */
interface Wanted {
  made: MadeOf;
  correction: string;
}

const refOf = ({ traceId, spanId, startMs, mergedFrom }: TrainingCall): CallRef => ({
  traceId,
  spanId,
  startMs,
  mergedFrom,
});

function chatOf(call: TrainingCall): Wanted {
  const { correction, correctionId, scoreIds } = call;
  const said = { calls: [refOf(call)], scores: scoreIds };
  return correction === ''
    ? { made: { ...said, source: 'answer' }, correction }
    : { made: { ...said, source: 'correction', correction: correctionId }, correction };
}

async function* inBatches<T>(lists: AsyncIterable<readonly T[]>, size = batchSize): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const list of lists)
    for (const one of list) {
      batch.push(one);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  if (batch.length > 0) yield batch;
}

type Writer = Awaited<ReturnType<typeof createWriter>>;

/** Writes lines one after the other, and counts what becomes of them; the bytes are only hashed. */
async function createWriter(deps: TrainingDeps, { format, near_duplicates, limit }: TrainingFilter) {
  const { text: redact } = await deps.redactor();
  const duplicates = createDuplicates(near_duplicates);
  const file = createHash('sha256');
  const lines: KeptLine[] = [];
  let bytes = 0;
  const counts: TrainingCounts = {
    calls: 0,
    without_text: 0,
    without_partner: 0,
    duplicates: 0,
    near_duplicates: 0,
    left_out: 0,
    pairs: 0,
    corrected: 0,
    redacted: 0,
  };
  const write = async (wanted: readonly Wanted[], isCounted = false) => {
    if (!isCounted) counts.calls += wanted.length;
    const refs = wanted.flatMap(({ made }) => made.calls).map(asCall);
    const texts = await textsOfCalls(deps.clickhouse, deps.projectId, refs);
    for (const { made, correction } of wanted) {
      const corrections = new Map(made.correction === undefined ? [] : [[made.correction, correction]]);
      const pair = pairOf(format, made, texts, corrections);
      if (!pair) {
        counts.without_text += 1;
        continue;
      }
      const isSame = pair.rejected.length > 0 && sameText(pair.chosen, pair.rejected);
      if (isSame) {
        counts.without_partner += 1;
        continue;
      }
      const clean = redactPair(pair, redact);
      const seen = duplicates.see(comparedText(clean));
      if (seen !== 'new') counts[seen === 'equal' ? 'duplicates' : 'near_duplicates'] += 1;
      else if (lines.length >= limit) counts.left_out += 1;
      else {
        const line = lineOf(format, clean);
        if (isRedacted(format, pair, clean)) counts.redacted += 1;
        if (made.source === 'correction') counts.corrected += 1;
        counts.pairs += 1;
        file.update(`${line}\n`);
        bytes += Buffer.byteLength(line) + 1;
        lines.push({ ...made, sha256: sha256(line) });
      }
    }
  };
  return { write, counts, lines, end: () => ({ counts, bytes, sha256: file.digest('hex') }) };
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const sameText = (one: Parameters<typeof spokenText>[0], other: Parameters<typeof spokenText>[0]) =>
  normalWords(spokenText(one)).join(' ') === normalWords(spokenText(other)).join(' ');

/** In the shape in which texts are asked for. */
export const asCall = (ref: CallRef) => ({
  ...ref,
  startTime: '',
  feature: '',
  model: '',
  finishReason: '',
  dimensions: {},
});

/** Of one prompt. */
interface Answers {
  best: TrainingCall;
  worst: TrainingCall;
}

/**
 * The correction before the answer it corrects; and of the answers to one prompt the best before the worst, when the margin is
 * kept. Calls come best first, so the first of a prompt is its best.
 */
async function writePreferences(
  deps: TrainingDeps,
  { margin, score_at_least }: TrainingFilter,
  calls: AsyncIterable<TrainingCall[]>,
  { write, counts }: Writer,
): Promise<void> {
  const answers = new Map<string, Answers>();
  let scored = 0;
  for await (const batch of inBatches(calls)) {
    await write(batch.filter(({ correction }) => correction !== '').map(chatOf));
    const plain = batch.filter(({ correction }) => correction === '');
    counts.calls += plain.length;
    const texts = await textsOfCalls(deps.clickhouse, deps.projectId, plain);
    for (const call of plain) {
      const prompt = promptOf(texts.get(pathOf(call)));
      if (!prompt) {
        counts.without_text += 1;
        continue;
      }
      scored += 1;
      // Instructions count here: the same question under others is another prompt.
      const key = sha256(normalWords(JSON.stringify(prompt)).join(' '));
      const known = answers.get(key);
      if (known) known.worst = call;
      else answers.set(key, { best: call, worst: call });
    }
  }
  const pairs = [...answers.values()].filter(
    ({ best, worst }) =>
      best.mean !== null &&
      worst.mean !== null &&
      best.mean >= score_at_least &&
      best.mean - worst.mean >= margin,
  );
  counts.without_partner += scored - 2 * pairs.length;
  for (let from = 0; from < pairs.length; from += batchSize)
    await write(pairs.slice(from, from + batchSize).map(betterOf), true);
}

const betterOf = ({ best, worst }: Answers): Wanted => ({
  made: {
    calls: [refOf(best), refOf(worst)],
    scores: [...best.scoreIds, ...worst.scoreIds],
    source: 'better_answer',
  },
  correction: '',
});
