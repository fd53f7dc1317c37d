import type { Dimension } from '#contract/dimension.ts';
import { dimensions } from '../../state/filters.ts';

/** What the page shows beside the view; what is left out has its default. */
export interface QualitySearch {
  /** Name of the score; default: the one shown as quality. */
  score?: string;
  /** What makes the cohorts of the gaps: a dimension, or `attribute:<key>`. */
  by?: string;
  /** The panel of what scores arriving calls is open, perhaps for one evaluator. */
  scoring?: string;
  /** Start of the bucket whose traces are shown, ISO 8601. */
  b?: string;
}

/** Cohorts are of people or places; a session or an error is none. */
export const cohortDimensions = [
  'tenant',
  'team',
  'user',
  'environment',
  'service',
  'release',
  'model',
  'prompt',
  'variant',
] as const satisfies readonly Dimension[];

const word = (value: unknown) => (typeof value === 'string' && value ? value.slice(0, 256) : undefined);
const isBy = (text: string) => (dimensions as readonly string[]).includes(text) || /^attribute:.+/.test(text);

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readQualitySearch(search: Record<string, unknown>): QualitySearch {
  const found: QualitySearch = {};
  const [score, by, scoring, b] = [search.score, search.by, search.scoring, search.b].map(word);
  if (score) found.score = score.slice(0, 128);
  if (by && by !== 'tenant' && isBy(by)) found.by = by;
  if (scoring) found.scoring = scoring;
  if (b && !Number.isNaN(Date.parse(b))) found.b = b;
  return found;
}
