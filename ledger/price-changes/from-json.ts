import { z } from 'zod';
import { priceDate } from '#contract/price.ts';
import { seriesKey } from '#store/prices/statements.ts';
import { readListedModel } from './listed-model.ts';
import type { FileContent } from './said.ts';

const file = z.object({ schema: z.literal(1), models: z.array(z.record(z.string(), z.unknown())) });
const validity = z.object({
  valid_from: priceDate.nullable().optional(),
  valid_to: priceDate.nullable().default(null),
});

/** The prices of a JSON file: `{schema: 1, models: […]}` as exported, or a price list without `valid_from`. */
export function readJsonPrices(text: string): FileContent {
  const whole = (what: string, line: number | null = null): FileContent => ({
    entries: [],
    problems: [{ line, what, series: null }],
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return whole(`not JSON: ${message.split('\n')[0]?.slice(0, 200)}`, lineOfSyntaxError(message, text));
  }
  const parsed = file.safeParse(json);
  if (!parsed.success)
    return whole(`not a price file: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
  const lines = linesOfElements(text, 'models');
  const content: FileContent = { entries: [], problems: [] };
  for (const [at, model] of parsed.data.models.entries()) readOne(model, lines[at] ?? null, content);
  return content;
}

function readOne(raw: Record<string, unknown>, line: number | null, content: FileContent): void {
  const { valid_from, valid_to, ...listed } = raw;
  const read = readListedModel(listed, line);
  if ('problem' in read) {
    content.problems.push(read.problem);
    return;
  }
  const dates = validity.safeParse({
    ...(valid_from !== undefined && { valid_from }),
    ...(valid_to !== undefined && { valid_to }),
  });
  const { entry } = read;
  const series = seriesKey(entry);
  if (!dates.success) {
    const what = `${entry.model}: ${dates.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`;
    content.problems.push({ line, what, series });
    return;
  }
  const { valid_from: from, valid_to: to } = dates.data;
  const fromMs = from === undefined ? null : from === null ? 0 : Date.parse(from);
  const toMs = to === null ? null : Date.parse(to);
  if (toMs !== null && toMs <= (fromMs ?? 0))
    content.problems.push({ line, what: `${entry.model}: valid_to is not after valid_from`, series });
  else content.entries.push({ ...entry, fromMs, toMs, line });
}

function lineOfSyntaxError(message: string, text: string): number | null {
  const at = /position (\d+)/.exec(message)?.[1];
  return at === undefined ? null : lineAt(text, Number(at));
}

const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

/** On which line each element of the array called `name` at the top of a (valid) JSON text begins. */
function linesOfElements(text: string, name: string): number[] {
  const token = /"(?:[^"\\]|\\.)*"|[[\]{},:\n]|[^\s[\]{},:"]+/g;
  const lines: number[] = [];
  let [line, depth, inside, waiting, key] = [1, 0, false, false, ''];
  for (const [text_] of text.matchAll(token)) {
    if (text_ === '\n') line += 1;
    else {
      if (waiting && text_ !== ']') lines.push(line);
      waiting = false;
      if (text_ === '[' || text_ === '{') {
        if (depth === 1 && text_ === '[' && key === `"${name}"`) [inside, waiting] = [true, true];
        depth += 1;
      } else if (text_ === ']' || text_ === '}') {
        depth -= 1;
        if (depth === 1) inside = false;
      } else if (text_ === ',') waiting = inside && depth === 2;
      else if (text_.startsWith('"') && depth === 1) key = text_;
    }
  }
  return lines;
}
