import type { LabelValues, ReviewField } from '#contract/review.ts';
import { feedbackNames, type ScoreInput } from '#contract/score.ts';
import { ReviewProblem } from './deps.ts';

/** A field that was said, in the words of a score. */
export interface Said {
  field: ReviewField;
  /** 0 to 1, 1 is good; null: words only. */
  value: number | null;
  label: string;
  text: string;
}

/** Reads what a person said against the schema; a ReviewProblem names the first field that does not fit. */
export function readLabel(fields: readonly ReviewField[], values: LabelValues): Said[] {
  const unknown = Object.keys(values).find(name => !fields.some(field => field.name === name));
  if (unknown !== undefined)
    throw new ReviewProblem(
      'not_possible',
      `values.${unknown}: the queue asks ${fields.map(({ name }) => name)}`,
    );
  const said = fields.flatMap(field => {
    const value = values[field.name];
    if (value === undefined || value === '') {
      if (!field.required) return [];
      throw new ReviewProblem('not_possible', `values.${field.name}: say something`);
    }
    const read = readField(field, value);
    if (!read) throw new ReviewProblem('not_possible', `values.${field.name}: ${expected(field)}`);
    return [{ field, ...read }];
  });
  if (said.length === 0) throw new ReviewProblem('not_possible', 'values: say something, or skip the item');
  return said;
}

function readField(field: ReviewField, value: string | number): Omit<Said, 'field'> | undefined {
  const text = String(value);
  switch (field.kind) {
    case 'scale': {
      const point = Number(text);
      if (!Number.isInteger(point) || point < 1 || point > field.points) return undefined;
      return { value: (point - 1) / (field.points - 1), label: text, text: '' };
    }
    case 'yes_no':
      if (text !== 'yes' && text !== 'no') return undefined;
      return { value: text === field.good ? 1 : 0, label: text, text: '' };
    case 'category': {
      const option = field.options.find(one => one.value === text);
      return option && { value: option.score, label: option.value, text: '' };
    }
    case 'text':
    case 'correction':
      return typeof value === 'string' ? { value: null, label: '', text } : undefined;
  }
}

function expected(field: ReviewField): string {
  if (field.kind === 'scale') return `a whole number from 1 to ${field.points}`;
  if (field.kind === 'yes_no') return 'yes or no';
  if (field.kind === 'category') return `one of ${field.options.map(({ value }) => value).join(', ')}`;
  return 'text';
}

/** The score that a label becomes; notes and corrections are its explanation. */
export function scoreOf(
  { field, value, label, text }: Said,
  origin: {
    id: string;
    evaluator: string;
    traceId: string;
    spanId: string;
    probability: number | null;
  },
): ScoreInput {
  return {
    id: origin.id,
    name: field.kind === 'correction' ? feedbackNames.correction : field.name,
    ...(value !== null && { value }),
    label: label || (field.kind === 'correction' ? 'corrected' : field.kind === 'text' ? 'note' : ''),
    explanation: text,
    evaluator: origin.evaluator,
    rater: 'human',
    trace_id: origin.traceId,
    span_id: origin.spanId,
    ...(origin.probability !== null && value !== null && { inclusion_probability: origin.probability }),
  };
}
