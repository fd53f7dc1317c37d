import { expect, test } from 'vitest';
import type { ReviewQueue } from '../../data/review.ts';
import { draftOfQueue, newQueue, queueOfDraft, withField, withRule } from './queue-draft.ts';

const queue: ReviewQueue = {
  queue: 'support',
  description: 'What looks wrong',
  where: 'feature:support-bot',
  fields: [
    { kind: 'scale', name: 'helpful', title: 'Helpful?', required: true, points: 3, low: 'no', high: 'very' },
    {
      kind: 'category',
      name: 'why',
      title: 'Why?',
      required: false,
      options: [
        { value: 'tone', title: 'The tone', score: 0.5 },
        { value: 'facts', title: '', score: null },
      ],
    },
  ],
  schema_version: 2,
  rules: [
    { kind: 'low_score', enabled: true, score: 'relevancy', below: 0.4 },
    { kind: 'low_score', enabled: false, score: 'tone', below: 0.5 },
    { kind: 'sample', enabled: true, where: 'prompt:answer v2', share: 0.015 },
    { kind: 'high_risk', enabled: true, where: 'feature:loans', words: ['lawyer*', 'sue'], tools: ['pay'] },
    ...[
      {
        kind: 'new_cluster' as const,
        enabled: true,
        at_least: 8,
        similarity: 0.4,
        known_days: 5,
        per_cluster: 3,
      },
    ],
  ],
  second_opinions: 0.25,
  open: 3,
  done: 4,
  filled_at: null,
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
};

test('a queue that is opened and saved is the same, with what the form does not show', () => {
  const { queue: name, description, where, fields, rules, second_opinions } = queue;
  expect(queueOfDraft(draftOfQueue(queue))).toEqual({
    queue: name,
    description,
    where,
    fields,
    rules,
    second_opinions,
  });
});

test('a category keeps what it counts when others come beside it', () => {
  const draft = draftOfQueue(queue);
  const fields = draft.fields.map(one =>
    one.field.kind === 'category' ? { ...one, options: 'rude, tone' } : one,
  );
  expect(queueOfDraft({ ...draft, fields })).toMatchObject({
    fields: [
      expect.anything(),
      {
        options: [
          { value: 'rude', title: '', score: null },
          { value: 'tone', title: 'The tone', score: 0.5 },
        ],
      },
    ],
  });
});

test('a new queue begins with what is usual; two questions of a kind are two scores', () => {
  const draft = { ...newQueue('relevancy'), name: 'faq', where: 'chat, two' };
  const made = queueOfDraft({ ...draft, fields: withField(draft.fields, 'scale') });
  expect(made).toMatchObject({
    where: 'feature:chat\\, two',
    rules: [{ kind: 'low_score', score: 'relevancy', below: 0.5 }, { kind: 'flagged' }, { kind: 'drift' }],
    fields: [{ name: 'quality' }, { name: 'correction' }, { name: 'quality_2' }],
    second_opinions: 0.1,
  });
});

test.each([
  [{ name: 'My queue' }, /name takes/],
  [{ rules: withRule([], 'low_score') }, /A low score: name the score/],
  [{ rules: withRule([], 'disagreement') }, /Scores that disagree: name one/],
  [{ rules: withRule([], 'high_risk') }, /Calls of high risk: say which/],
  [{ rules: [{ ...withRule([], 'sample')[0]!, number: '0' }] }, /share is a percentage/],
  [{ fields: [] }, /at least one question/],
  [{ fields: withField([], 'category') }, /2 to 9 categories/],
  [{ second: '' }, /Second opinions/],
])('%# says what is wrong', (change, sentence) =>
  expect(queueOfDraft({ ...newQueue('s'), name: 'faq', ...change })).toMatch(sentence),
);
