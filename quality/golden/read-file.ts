import { goldenCaseInput } from '#contract/golden.ts';
import { type CaseSaid, caseIdOf } from './case.ts';
import { readCsv } from './csv.ts';

export interface ReadFile {
  cases: CaseSaid[];
  /** Lines count from 1. */
  errors: { line: number; message: string }[];
}

interface Line {
  line: number;
  value: unknown;
}

/**
 * Cases of a JSONL or CSV file. A line that cannot be read is an error with its number; the others are taken. Of two lines with
 * one id the first is taken. In both formats `input` may be a plain text: what the user asked.
 */
export function readCaseFile(format: 'jsonl' | 'csv', text: string): ReadFile {
  const errors: ReadFile['errors'] = [];
  const lines = format === 'csv' ? csvLines(text, errors) : jsonLines(text, errors);
  const cases: CaseSaid[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, value } of lines) {
    const parsed = goldenCaseInput.safeParse(withMessages(value));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      errors.push({ line, message: `${issue?.path.join('.') || 'the line'}: ${issue?.message}` });
      continue;
    }
    const id = parsed.data.case_id ?? caseIdOf(parsed.data.input);
    const earlier = lineOf.get(id);
    if (earlier !== undefined) {
      errors.push({ line, message: `is the same case as line ${earlier}` });
      continue;
    }
    lineOf.set(id, line);
    cases.push(parsed.data);
  }
  return { cases, errors: errors.sort((a, b) => a.line - b.line) };
}

function jsonLines(text: string, errors: ReadFile['errors']): Line[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((source, at) => {
      if (source.trim() === '') return [];
      try {
        return [{ line: at + 1, value: JSON.parse(source) as unknown }];
      } catch {
        errors.push({ line: at + 1, message: 'is not JSON' });
        return [];
      }
    });
}

const columns = ['case_id', 'input', 'reference', 'context', 'tags', 'language', 'tool_calls'];

/**
 * Columns by the names of the first line; `context` has one passage a line, `tags` are separated by commas or semicolons,
 * `tool_calls` is JSON.
 */
function csvLines(text: string, errors: ReadFile['errors']): Line[] {
  let rows: ReturnType<typeof readCsv>;
  try {
    rows = readCsv(text);
  } catch (error) {
    errors.push({ line: Number(/\d+/.exec(String(error))?.[0] ?? 1), message: 'a quote is not closed' });
    return [];
  }
  const [head, ...body] = rows;
  const names = (head?.fields ?? []).map(name => name.trim().toLowerCase());
  const unknown = names.filter(name => !columns.includes(name));
  if (!names.includes('input') || unknown.length > 0) {
    const what = unknown.length > 0 ? `does not know ${unknown.join(', ')}` : 'needs a column input';
    errors.push({ line: 1, message: `the first line ${what}; columns are ${columns.join(', ')}` });
    return [];
  }
  return body.flatMap(({ line, fields }) => {
    if (fields.length !== names.length) {
      errors.push({ line, message: `has ${fields.length} fields; the first line has ${names.length}` });
      return [];
    }
    const said = Object.fromEntries(names.map((name, at) => [name, fields[at] ?? '']));
    return [{ line, value: fromFields(said) }];
  });
}

function fromFields({
  case_id,
  input,
  reference,
  context = '',
  tags = '',
  language,
  tool_calls,
}: Record<string, string>) {
  const list = (text: string, by: RegExp) => text.split(by).flatMap(part => part.trim() || []);
  return {
    ...(case_id && { case_id }),
    input,
    ...(reference && { reference }),
    context: list(context, /\n/),
    tags: list(tags, /[,;]/),
    ...(language && { language }),
    ...(tool_calls && { tool_calls: jsonOr(tool_calls) }),
  };
}

/** What is no JSON stays a text, and is refused as one. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A plain text is what the user said; messages with a plain `content` are those of chat APIs. */
function withMessages(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('input' in value)) return value;
  const { input } = value;
  if (typeof input === 'string' && input.trim() !== '') return { ...value, input: [userSays(input)] };
  if (!Array.isArray(input)) return value;
  return { ...value, input: input.map(fromChat) };
}

const userSays = (content: string) => ({ role: 'user', parts: [{ type: 'text', content }] });

function fromChat(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || 'parts' in message) return message;
  const { role, content } = message as { role?: unknown; content?: unknown };
  return typeof content === 'string' ? { role, parts: [{ type: 'text', content }] } : message;
}
