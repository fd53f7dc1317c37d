import type { QueueInput, ReviewField, ReviewQueue, ReviewRule } from '../../data/review.ts';

/** A rule as the form holds it: its numbers are texts, and what the form does not show stays as it is. */
export type RuleDraft = { key: number; rule: ReviewRule } & Record<
  'names' | 'number' | 'where' | 'tools',
  string
>;

/** A question as the form holds it. `options` are the values of a category. */
export interface FieldDraft {
  key: number;
  field: ReviewField;
  points: string;
  options: string;
}

export interface QueueDraft {
  name: string;
  description: string;
  where: string;
  rules: readonly RuleDraft[];
  fields: readonly FieldDraft[];
  /** Percent. */
  second: string;
}

export const ruleTitles: Record<ReviewRule['kind'], string> = {
  low_score: 'A low score',
  disagreement: 'Scores that disagree',
  flagged: 'Flags and thumbs down of users',
  drift: 'Calls of open incidents',
  new_cluster: 'Questions of a new kind',
  high_risk: 'Calls of high risk',
  sample: 'A share of all calls, by chance',
};

export const fieldTitles: Record<ReviewField['kind'], string> = {
  scale: 'A scale',
  yes_no: 'Yes or no',
  category: 'Categories',
  correction: 'The better answer',
  text: 'A note',
};

const freshRules: { [Kind in ReviewRule['kind']]: Extract<ReviewRule, { kind: Kind }> } = {
  low_score: { kind: 'low_score', enabled: true, score: '', below: 0.5 },
  disagreement: { kind: 'disagreement', enabled: true, scores: [], gap: 0.5 },
  flagged: { kind: 'flagged', enabled: true },
  drift: { kind: 'drift', enabled: true, per_incident: 20 },
  new_cluster: {
    ...{ kind: 'new_cluster', enabled: true },
    ...{ at_least: 8, similarity: 0.3, known_days: 7, per_cluster: 5 },
  },
  high_risk: { kind: 'high_risk', enabled: true, where: '', words: [], tools: [] },
  sample: { kind: 'sample', enabled: true, where: '', share: 0.01 },
};

const freshFields: { [Kind in ReviewField['kind']]: Extract<ReviewField, { kind: Kind }> } = {
  scale: {
    ...{ kind: 'scale', name: 'quality', title: 'How good is the answer?', required: true },
    ...{ points: 5, low: '', high: '' },
  },
  yes_no: {
    ...{ kind: 'yes_no', name: 'acceptable', title: 'Could this be sent as it is?', required: true },
    good: 'yes',
  },
  category: {
    ...{ kind: 'category', name: 'problem', title: 'What is wrong with it?', required: false },
    options: [],
  },
  correction: { kind: 'correction', name: 'correction', title: 'The better answer', required: false },
  text: { kind: 'text', name: 'note', title: 'Note', required: false },
};

const nextKey = (all: readonly { key: number }[]) => Math.max(0, ...all.map(({ key }) => key)) + 1;

export function withRule(rules: readonly RuleDraft[], kind: ReviewRule['kind'], score = ''): RuleDraft[] {
  const rule = freshRules[kind];
  const named = rule.kind === 'low_score' ? { ...rule, score } : rule;
  return [...rules, ruleDraft(named, nextKey(rules))];
}

/** Names stay apart: each becomes a score. */
export function withField(fields: readonly FieldDraft[], kind: ReviewField['kind']): FieldDraft[] {
  const { name, ...rest } = freshFields[kind];
  const taken = new Set(fields.map(({ field }) => field.name));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  return [...fields, fieldDraft({ ...rest, name: free } as ReviewField, nextKey(fields))];
}

/** `score` is one that calls carry, to begin with. */
export const newQueue = (score: string): QueueDraft => ({
  name: '',
  description: '',
  where: '',
  rules: withRule(withRule(withRule([], 'low_score', score), 'flagged'), 'drift'),
  fields: withField(withField([], 'scale'), 'correction'),
  second: '10',
});

/** A queue that is there, to be changed. */
export const draftOfQueue = (queue: ReviewQueue): QueueDraft => ({
  name: queue.queue,
  description: queue.description,
  where: queue.where,
  rules: queue.rules.map(ruleDraft),
  fields: queue.fields.map(fieldDraft),
  second: String(Math.round(queue.second_opinions * 1000) / 10),
});

function ruleDraft(rule: ReviewRule, key: number): RuleDraft {
  const draft = { key, rule, names: '', number: '', where: '', tools: '' };
  if (rule.kind === 'low_score') return { ...draft, names: rule.score, number: String(rule.below) };
  if (rule.kind === 'disagreement')
    return { ...draft, names: rule.scores.join(', '), number: String(rule.gap) };
  if (rule.kind === 'drift') return { ...draft, number: String(rule.per_incident) };
  if (rule.kind === 'new_cluster') return { ...draft, number: String(rule.at_least) };
  if (rule.kind === 'high_risk')
    return { ...draft, names: rule.words.join(', '), tools: rule.tools.join(', '), where: rule.where };
  if (rule.kind === 'sample')
    return { ...draft, number: String(Math.round(rule.share * 10_000) / 100), where: rule.where };
  return draft;
}

const fieldDraft = (field: ReviewField, key: number): FieldDraft => ({
  key,
  field,
  points: field.kind === 'scale' ? String(field.points) : '',
  options: field.kind === 'category' ? field.options.map(({ value }) => value).join(', ') : '',
});

/** The queue it describes, or what is wrong with it in a sentence. */
export function queueOfDraft(draft: QueueDraft): QueueInput | string {
  if (!/^[a-z0-9][a-z0-9_-]{0,59}$/.test(draft.name))
    return 'The name takes lower-case letters, digits, "_" and "-".';
  const rules: ReviewRule[] = [];
  for (const one of draft.rules) {
    const rule = ruleOf(one);
    if (typeof rule === 'string') return `${ruleTitles[one.rule.kind]}: ${rule}`;
    rules.push(rule);
  }
  const fields: ReviewField[] = [];
  for (const one of draft.fields) {
    const field = fieldOf(one);
    if (typeof field === 'string') return `${one.field.title || fieldTitles[one.field.kind]}: ${field}`;
    fields.push(field);
  }
  if (fields.length === 0) return 'Ask at least one question.';
  const second = percentOf(draft.second);
  if (second === null) return 'Second opinions are a percentage from 0 to 100.';
  const { name: queue, description } = draft;
  return { queue, description, where: whereOf(draft.where), fields, second_opinions: second, rules };
}

/** A word alone is the name of a feature. */
function whereOf(text: string): string {
  const said = text.trim();
  if (said === '' || /^\w+:/.test(said)) return said;
  return `feature:${said.replaceAll(/[\\,]/g, found => `\\${found}`)}`;
}

function ruleOf({ rule, names, number, where, tools }: RuleDraft): ReviewRule | string {
  const value = number.trim() === '' ? Number.NaN : Number(number);
  if (rule.kind === 'low_score') {
    if (names.trim() === '') return 'name the score, or remove it.';
    return Number.isNaN(value)
      ? 'below which value? Give a number.'
      : { ...rule, score: names.trim(), below: value };
  }
  if (rule.kind === 'disagreement') {
    const scores = listOf(names);
    if (scores.length === 0) return 'name one score or more, or remove it.';
    return value > 0 && value <= 1 ? { ...rule, scores, gap: value } : 'the gap is a number from 0 to 1.';
  }
  if (rule.kind === 'drift')
    return value >= 1 && value <= 200
      ? { ...rule, per_incident: Math.round(value) }
      : 'from 1 to 200 calls of an incident.';
  if (rule.kind === 'new_cluster')
    return value >= 3 && value <= 1000
      ? { ...rule, at_least: Math.round(value) }
      : 'at least 3 calls that ask alike.';
  if (rule.kind === 'high_risk') {
    const risk = { ...rule, where: whereOf(where), words: listOf(names), tools: listOf(tools) };
    return risk.where === '' && risk.words.length + risk.tools.length === 0
      ? 'say which calls, words or tools.'
      : risk;
  }
  if (rule.kind === 'sample')
    return value > 0 && value <= 100
      ? { ...rule, share: value / 100, where: whereOf(where) }
      : 'the share is a percentage above 0, at most 100.';
  return rule;
}

function fieldOf({ field, points, options }: FieldDraft): ReviewField | string {
  if (field.title.trim() === '') return 'what are people asked?';
  if (field.name.trim() === '') return 'the score needs a name.';
  if (field.kind === 'scale') {
    const number = Number(points);
    return Number.isInteger(number) && number >= 2 && number <= 9
      ? { ...field, points: number }
      : 'a scale has 2 to 9 points.';
  }
  if (field.kind === 'category') {
    const values = listOf(options);
    if (values.length < 2 || values.length > 9) return 'name 2 to 9 categories, with commas between them.';
    // What a category counts and is called stays with its value.
    const known = new Map(field.options.map(option => [option.value, option]));
    return { ...field, options: values.map(value => known.get(value) ?? { value, title: '', score: null }) };
  }
  return field;
}

function percentOf(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return value >= 0 && value <= 100 ? value / 100 : null;
}

const listOf = (text: string) => [
  ...new Set(
    text
      .split(',')
      .map(one => one.trim())
      .filter(Boolean),
  ),
];
