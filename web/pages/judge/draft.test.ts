import { expect, test } from 'vitest';
import type { JudgeSettings } from '#contract/judge.ts';
import { changeOf, draftErrors, draftOf, isChanged, isLocal, newlyLeaves } from './draft.ts';
import { questionsText, sourceText } from './words.ts';

const saved: JudgeSettings = {
  base_url: 'http://127.0.0.1:11434/v1',
  model: 'judge-1',
  provider: '',
  has_api_key: true,
  timeout_ms: 60_000,
  retries: 3,
  concurrency: 2,
  cap_usd_per_day: '0.250000000',
  anchors_every_hours: 6,
};
const draft = draftOf(saved);

test('what is not edited is sent as it was, and the key stays where it is', () => {
  expect(isChanged(draft, saved)).toBe(false);
  expect(draftErrors(draft)).toEqual({});
  expect(changeOf(draft, false)).toEqual({
    base_url: saved.base_url,
    model: 'judge-1',
    provider: '',
    timeout_ms: 60_000,
    retries: 3,
    concurrency: 2,
    cap_usd_per_day: '0.25',
    anchors_every_hours: 6,
    texts_may_leave: false,
  });
});

test('an emptied key is removed, an empty cap is none, and round caps keep their zeros', () => {
  expect(changeOf({ ...draft, api_key: '', cap: '' }, true)).toMatchObject({
    api_key: null,
    cap_usd_per_day: null,
    texts_may_leave: true,
  });
  expect(draftOf({ ...saved, cap_usd_per_day: '100.000000000' }).cap).toBe('100');
  expect(draftOf({ ...saved, cap_usd_per_day: '0.000000000' }).cap).toBe('0');
});

test('what cannot be sent is named', () => {
  const errors = draftErrors({
    ...draft,
    base_url: 'ftp://judge',
    cap: '5 dollars',
    timeout_s: '0',
    retries: '1.5',
    concurrency: '',
    anchors_every_hours: '200',
  });
  expect(Object.keys(errors).sort()).toEqual(
    ['anchors_every_hours', 'base_url', 'cap', 'concurrency', 'retries', 'timeout_s'].sort(),
  );
});

test.each([
  ['http://127.0.0.1:11434/v1', true],
  ['http://localhost/v1', true],
  ['http://[::1]:8080', true],
  ['http://127.0.0.1.example.com/v1', false],
  ['https://api.openai.com/v1', false],
  ['http://10.0.0.7/v1', false],
])('%s is on this machine: %s', (address, expected) => {
  expect(isLocal(address)).toBe(expected);
});

test('somewhere else is asked for once, and again when it is another place', () => {
  const elsewhere = { ...draft, base_url: 'https://judge.example/v1' };
  expect(newlyLeaves(elsewhere, saved)).toBe('judge.example');
  expect(newlyLeaves({ ...elsewhere, model: '' }, saved)).toBeNull();
  const agreed = { ...saved, base_url: 'https://judge.example/v1' };
  expect(newlyLeaves(elsewhere, agreed)).toBeNull();
  expect(newlyLeaves({ ...elsewhere, base_url: 'https://other.example/v1' }, agreed)).toBe('other.example');
});

test('where anchors come from, and what freezing asks', () => {
  expect(sourceText('golden refunds')).toBe('answers of golden set refunds');
  expect(sourceText('')).toBe('');
  const spend = { spent_usd: '0.002000000', calls: 10, unpriced_calls: 0 };
  expect(questionsText(60, 3, spend)).toBe('180 questions, about $0.036 at what a question costs today.');
  expect(questionsText(60, 3, { ...spend, calls: 0 })).toBe('180 questions.');
});
