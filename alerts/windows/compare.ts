import type { WindowTestRow, WindowTests } from '#contract/compare-tests.ts';
import type { Condition } from '#contract/dimension.ts';
import {
  type CallWindow,
  type NumberMeasure,
  readWindowCategories,
  readWindowCounts,
  readWindowNumbers,
  readWindowScores,
  type ScoreValues,
  type WindowsQuestion,
} from '#store/queries/window-values.ts';
import type { AlertsDeps } from '../deps.ts';
import { adjustP } from '../statistics/multiple-testing.ts';
import { type BareRow, categoryRow, meanRow, rankRow, rateRow, shapeRow } from './rows.ts';

export interface WindowsAsked {
  control: CallWindow;
  candidate: CallWindow;
  where: readonly Condition[];
  /** False discovery rate. */
  level: number;
  /** Up to when data are complete, Unix milliseconds; null: nobody knows. */
  completeUntilMs: number | null;
}

const units: Record<NumberMeasure, WindowTestRow['unit']> = {
  latency_ms: 'ms',
  ttft_ms: 'ms',
  cost_usd: 'usd',
  input_tokens: 'tokens',
  output_tokens: 'tokens',
};

/** Every measure of two windows that a person chose, tested once, with p adjusted for the number of rows. */
export async function compareChosenWindows(
  { clickhouse, projectId }: Pick<AlertsDeps, 'clickhouse' | 'projectId'>,
  asked: WindowsAsked,
): Promise<WindowTests> {
  const question: WindowsQuestion = { projectId, ...asked };
  // One after the other: each reads every call of both, and side by side they would run into their time limits together.
  const counts = await readWindowCounts(clickhouse, question);
  const numbers = await readWindowNumbers(clickhouse, question);
  const scores = await readWindowScores(clickhouse, question);
  const categories = await readWindowCategories(clickhouse, question);
  const side = (name: 'control' | 'candidate', share: 'failed' | 'refused') => counts[name]?.[share] ?? null;
  const rate = (name: 'failed' | 'refused') =>
    rateRow(name, { control: side('control', name), candidate: side('candidate', name) });
  const bare: BareRow[] = [
    ...scores.flatMap(({ score, sides }) => scoreRows(`score:${score}`, sides)),
    rate('failed'),
    rate('refused'),
    ...numbers.flatMap(({ measure, sides }) => [
      meanRow(measure, units[measure], sides),
      shapeRow(measure, units[measure], sides),
    ]),
    ...categories.map(({ dimension, values }) => categoryRow(dimension, values)),
  ];
  const adjustment = counts.shared > 0 ? ('by' as const) : ('bh' as const);
  return {
    control: windowOf(asked.control, counts.control?.calls ?? 0, asked.completeUntilMs),
    candidate: windowOf(asked.candidate, counts.candidate?.calls ?? 0, asked.completeUntilMs),
    shared_calls: counts.shared,
    level: asked.level,
    adjustment,
    rows: adjusted(bare, adjustment, asked.level),
    notes: notesOf(asked, counts.shared, scores.length > 0),
  };
}

/** A yes or no is a rate; anything else has a mean and ranks. */
function scoreRows(measure: string, sides: Record<'control' | 'candidate', ScoreValues | null>): BareRow[] {
  const all = [sides.control, sides.candidate];
  const isBinary = all.every(one => one === null || one.values.every(value => value === 0 || value === 1));
  const hits = (one: ScoreValues | null) => one && { n: one.n, hits: one.sum };
  if (isBinary) {
    return [rateRow(measure, { control: hits(sides.control), candidate: hits(sides.candidate) })];
  }
  return [meanRow(measure, 'score', sides), rankRow(measure, 'score', sides)];
}

/** What differs before what does not, strongest effect first; what could not be tested comes last, and does not count as a test. */
export function adjusted(rows: readonly BareRow[], by: 'bh' | 'by', level: number): WindowTestRow[] {
  const tested = rows.filter(({ p }) => p !== null);
  const p = adjustP(tested.map(row => row.p!))[by];
  const known = tested.map((row, at) => ({ ...row, p_adjusted: p[at]!, differs: p[at]! <= level }));
  const strength = (row: WindowTestRow) => Math.abs(row.strength ?? 0) + (row.differs ? 1e6 : 0);
  known.sort((one, other) => strength(other) - strength(one));
  const rest = rows.filter(row => row.p === null).map(row => ({ ...row, p_adjusted: null, differs: false }));
  return [...known, ...rest];
}

function windowOf(
  { fromMs, toMs }: CallWindow,
  calls: number,
  completeUntilMs: number | null,
): WindowTests['control'] {
  const complete = completeUntilMs === null || toMs <= completeUntilMs;
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), calls, complete };
}

function notesOf(
  { completeUntilMs, control, candidate }: WindowsAsked,
  shared: number,
  scored: boolean,
): string[] {
  const notes: string[] = [];
  if (shared > 0) {
    notes.push(
      `${shared.toLocaleString('en')} calls are in both and count on both sides: p is adjusted for dependence, and a difference looks smaller than it is.`,
    );
  }
  if (completeUntilMs !== null && Math.max(control.toMs, candidate.toMs) > completeUntilMs) {
    notes.push(
      `Provisional: data are complete up to ${new Date(completeUntilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, and these windows end later.`,
    );
  }
  notes.push(
    'p takes every call for itself. Calls of one user are alike, so that it is smaller than it should be.',
  );
  if (scored) notes.push('A score counts once for each scored call, whatever the chance it was scored with.');
  return notes;
}
