import type { GoldenCase, GoldenRun, RunScore, ToolCall } from '../../data/golden.ts';
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

/** `find_order({"id":"7"})`. */
export function callText({ name, arguments: given }: ToolCall): string {
  const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
  return `${name}(${text === '{}' ? '' : text})`;
}

/** Tools as they are typed, one a line: a name and its arguments as JSON. `none`: no tool at all. Null: nobody said. */
export function writeCalls(calls: readonly ToolCall[] | null): string {
  if (calls === null) return '';
  if (calls.length === 0) return 'none';
  return calls
    .map(({ name, arguments: given }) => {
      const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
      return text === '{}' ? name : `${name} ${text}`;
    })
    .join('\n');
}

/** What was typed, or the line that cannot be read. */
export function readCalls(text: string): ToolCall[] | null | { wrong: string } {
  const lines = text.split('\n').flatMap(line => line.trim() || []);
  if (lines.length === 0) return null;
  if (lines.length === 1 && lines[0] === 'none') return [];
  const calls: ToolCall[] = [];
  for (const line of lines) {
    const [name = ''] = /^\S+/.exec(line) ?? [];
    const given = line.slice(name.length).trim();
    try {
      calls.push({ name, arguments: given === '' ? {} : JSON.parse(given) });
    } catch {
      return { wrong: line };
    }
  }
  return calls;
}
