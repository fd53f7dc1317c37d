import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { GoldenCase, goldenCaseInput } from '#contract/golden.ts';
import type { GoldenCaseRow, GoldenCaseWanted } from '#store/state/golden.ts';

/** A case that was read and fits. */
export type CaseSaid = z.output<typeof goldenCaseInput>;
export type CaseContent = Omit<CaseSaid, 'case_id'>;

export interface CaseOrigin {
  source: GoldenCase['source'];
  trace_id?: string;
  span_id?: string;
}

/** As it is kept. Without an id of its own a case is named by its input, so the same question is one case. */
export function wantedCase(
  said: CaseSaid,
  { source, trace_id = '', span_id = '' }: CaseOrigin,
): GoldenCaseWanted {
  const { input, reference, context, tags, language, tool_calls } = said;
  const content = {
    ...{ input, reference, context, tags: [...new Set(tags)].sort(), language },
    // Contents compare as text: a case that names no tools is what it was before cases could.
    ...(tool_calls && { tool_calls }),
  };
  const case_id = said.case_id ?? caseIdOf(input);
  const tools = (tool_calls ?? []).map(({ name }) => name);
  const words = [case_id, textOf(input), reference ?? '', ...context, ...content.tags, ...tools];
  return {
    case_id,
    source,
    trace_id,
    span_id,
    tags: JSON.stringify(content.tags),
    words: words.join('\n').toLowerCase(),
    content: JSON.stringify(content),
  };
}

export function caseIdOf(input: CaseSaid['input']): string {
  const said = input.map(({ role, parts }) => [role, parts]);
  return `c-${createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 12)}`;
}

export function caseOf(row: GoldenCaseRow): GoldenCase {
  const { case_id, source, trace_id, span_id, from_version } = row;
  return {
    case_id,
    source: source as GoldenCase['source'],
    trace_id,
    span_id,
    revision: from_version,
    tool_calls: null,
    ...(JSON.parse(row.content) as Omit<CaseContent, 'tool_calls'>),
  };
}

type Messages = readonly { role: string; parts: readonly { type: string; content?: unknown }[] }[];

/** Every text of messages, one after the other; '' when there is none. */
export function textOf(messages: Messages): string {
  return messages
    .flatMap(({ parts }) => parts)
    .flatMap(({ type, content }) => (type === 'text' && typeof content === 'string' ? [content] : []))
    .join('\n');
}

/** Text of the last turn of the user, or of the last message when nobody is called so. */
export function questionOf(messages: Messages): string {
  const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1);
  return last ? textOf([last]) : '';
}
