import { expect, test } from 'vitest';
import type { ReviewField } from '../../data/review.ts';
import { activeField, keyed, missing, valuesOf } from './draft.ts';

const fields: ReviewField[] = [
  { kind: 'scale', name: 'helpful', title: 'Helpful?', required: true, points: 5, low: '', high: '' },
  { kind: 'yes_no', name: 'safe', title: 'Safe?', required: false, good: 'yes' },
  {
    kind: 'category',
    name: 'why',
    title: 'Why?',
    required: true,
    options: [
      { value: 'tone', title: 'Tone', score: null },
      { value: 'facts', title: '', score: null },
    ],
  },
  { kind: 'correction', name: 'better', title: 'Better answer', required: false },
];

test('keys speak to the first open choice, and to another one that alone knows them', () => {
  const first = keyed(fields, {}, '4');
  expect(first).toEqual({ helpful: '4' });
  expect(activeField(fields, first!)?.name).toBe('safe');
  // A digit says nothing about yes or no: it changes the scale again.
  expect(keyed(fields, first!, '2')).toEqual({ helpful: '2' });
  const second = keyed(fields, first!, 'n')!;
  expect(keyed(fields, second, '2')).toEqual({ helpful: '4', safe: 'no', why: 'facts' });
  expect(keyed(fields, {}, 'y')).toEqual({ safe: 'yes' });
  expect(keyed(fields, {}, 'x')).toBeUndefined();
  expect(keyed([], {}, '1')).toBeUndefined();
});

test('what must be said is named, and what is empty is not sent', () => {
  expect(missing(fields, { helpful: '3' })).toEqual(['Why?']);
  expect(missing(fields, { helpful: '3', why: 'tone' })).toEqual([]);
  expect(valuesOf({ helpful: '3', better: ' ' })).toEqual({ helpful: '3' });
});
