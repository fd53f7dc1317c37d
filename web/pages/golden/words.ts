import type { GoldenCase, GoldenRun, RunScore } from '../../data/golden.ts';
import { format, signed } from '../../format.ts';

/** Text of the last thing the user said. */
export function questionOf({ input }: Pick<GoldenCase, 'input'>): string {
  const last = input.findLast(({ role }) => role === 'user') ?? input.at(-1);
  return last ? textOf(last) : '';
}

export const textOf = ({ parts }: GoldenCase['input'][number]) =>
  parts
    .flatMap(({ type, content }) => (type === 'text' && typeof content === 'string' ? [content] : []))
    .join('\n');

export const sourceLabels: Record<GoldenCase['source'], string> = {
  trace: 'from a trace',
  correction: 'corrected',
  file: 'from a file',
  manual: 'written here',
};

/** `exact_match@2` as `exact match`. */
export const evaluatorLabel = (id: string) => (id.split('@')[0] ?? id).replaceAll('_', ' ');

/** A score difference in points, hundredths of a score. */
export function pointsText(difference: number | null): string {
  if (difference === null) return format.plain(null);
  const size = (Math.abs(difference) * 100).toFixed(1).replace(/\.0$/, '');
  return `${signed(size, difference)} pts`;
}

export const intervalText = ({ low, high }: RunScore) =>
  low === null || high === null ? '' : `${format.score(low)} to ${format.score(high)}`;

/** How a run was made, in one line, without what its name says already. */
export const runFacts = ({ name, prompt, model, release, version }: GoldenRun) =>
  [...[prompt, model, release].filter(word => !name.includes(word)), `version ${version}`].join(', ');

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${format.full(count)} ${count === 1 ? one : many}`;
}
