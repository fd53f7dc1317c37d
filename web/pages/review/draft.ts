import type { ReviewField } from '../../data/review.ts';

/** What is said so far, by field. */
export type Draft = Readonly<Record<string, string>>;

/** The choices of a field, in the order of their keys; none for text. */
export function choicesOf(field: ReviewField): { value: string; title: string; key: string }[] {
  if (field.kind === 'yes_no')
    return [
      { value: 'yes', title: 'Yes', key: 'y' },
      { value: 'no', title: 'No', key: 'n' },
    ];
  if (field.kind === 'category')
    return field.options.map(({ value, title }, at) => ({ value, title: title || value, key: `${at + 1}` }));
  if (field.kind === 'scale')
    return Array.from({ length: field.points }, (_, at) => `${at + 1}`).map(value => ({
      value,
      title: value,
      key: value,
    }));
  return [];
}

/** The field that keys speak to: the first choice that is still open, or the last one. */
export function activeField(fields: readonly ReviewField[], draft: Draft): ReviewField | undefined {
  const choices = fields.filter(field => choicesOf(field).length > 0);
  return choices.find(field => !draft[field.name]) ?? choices.at(-1);
}

/** What a key says: a digit or a letter goes to the active field, or to the first that knows it. Undefined: it says nothing. */
export function keyed(fields: readonly ReviewField[], draft: Draft, key: string): Draft | undefined {
  const active = activeField(fields, draft);
  for (const field of active ? [active, ...fields] : fields) {
    const choice = choicesOf(field).find(one => one.key === key);
    if (choice) return { ...draft, [field.name]: choice.value };
  }
  return undefined;
}

/** Titles of what must still be said. */
export const missing = (fields: readonly ReviewField[], draft: Draft): string[] =>
  fields.filter(({ required, name }) => required && !draft[name]?.trim()).map(({ title }) => title);

/** As the API takes it: without what was left empty. */
export const valuesOf = (draft: Draft): Record<string, string> =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value.trim() !== ''));
