import { expect, test } from 'vitest';
import { readRunsSearch, readSetSearch } from './search.ts';
import { callText, evaluatorLabel, plural, pointsText, questionOf, readCalls, writeCalls } from './words.ts';

test('a mistyped link opens with defaults', () => {
  expect(readSetSearch({ tab: 'runs', q: 'refund', v: '3', a: 'not an id' })).toEqual({
    tab: 'runs',
    q: 'refund',
    v: 3,
  });
  expect(readSetSearch({ tab: 'nonsense', v: -1, tag: '' })).toEqual({});
  expect(readRunsSearch({ a: 'ab-1', by: 'token_f1', show: 'everything' })).toEqual({
    a: 'ab-1',
    by: 'token_f1',
  });
});

test('scores are said in points, counts with their noun', () => {
  expect(pointsText(-0.1234)).toBe('−12.3 pts');
  expect(pointsText(0.05)).toBe('+5 pts');
  expect(pointsText(null)).toBe('-');
  expect(evaluatorLabel('exact_match@2')).toBe('exact match');
  expect(plural(1, 'case')).toBe('1 case');
  expect(plural(0, 'case')).toBe('0 cases');
});

test('the question is the last thing the user said', () => {
  const says = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
  expect(questionOf({ input: [says('user', 'One?'), says('user', 'Two?'), says('assistant', 'x')] })).toBe(
    'Two?',
  );
  expect(questionOf({ input: [says('system', 'Only this')] })).toBe('Only this');
});

test('tools are typed one a line and come back as they went in', () => {
  const calls = [
    { name: 'find_order', arguments: { id: '7' } },
    { name: 'now', arguments: {} },
  ];
  expect(writeCalls(calls)).toBe('find_order {"id":"7"}\nnow');
  expect(readCalls(writeCalls(calls))).toEqual(calls);
  expect([readCalls(' \n'), readCalls('none')]).toEqual([null, []]);
  expect([writeCalls(null), writeCalls([])]).toEqual(['', 'none']);
  expect(readCalls('find_order {id}')).toEqual({ wrong: 'find_order {id}' });
  expect(calls.map(callText)).toEqual(['find_order({"id":"7"})', 'now()']);
  expect(callText({ name: 'find', arguments: '{"a":1}' })).toBe('find({"a":1})');
});
