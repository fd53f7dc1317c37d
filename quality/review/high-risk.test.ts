import { expect, test } from 'vitest';
import { patternOf, whyRisky } from './high-risk.ts';

const says = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
const why = (words: string[], tools: string[], input: string, output: string) =>
  whyRisky(
    {
      input: [says('system', 'Never mention a lawsuit.'), says('user', input)],
      output: [says('assistant', output)],
    },
    words.map(word => ({ word, pattern: patternOf(word) })),
    tools,
  );

test.each([
  ['lawsuit', 'I file a LAWSUIT!', true],
  ['lawsuit', 'lawsuits', false],
  ['lawsuit*', 'lawsuits', true],
  ['charge back', 'a charge  back', true],
  ['überfall', 'Der Überfall war', true],
  ['all', 'Überfall', false],
  ['c++ (old)', 'in C++ (old), yes', true],
  ['a.b', 'axb', false],
])('%s in "%s": %s', (word, text, isThere) => expect(patternOf(word).test(text)).toBe(isThere));

test('it says where, and instructions do not count', () => {
  expect(why(['lawsuit'], [], 'Hello', 'Hi')).toBeNull();
  expect(why(['sue', 'lawyer'], [], 'I will sue', 'Ask a lawyer')).toBe(
    'the question says "sue", the answer says "lawyer"',
  );
  expect(whyRisky(undefined, [], ['pay'])).toBeNull();
});

test('a tool that was asked for counts, a tool that was talked of does not', () => {
  const output = [
    { role: 'assistant', parts: [{ type: 'tool_call', id: '1', name: 'close_account', arguments: {} }] },
  ];
  expect(whyRisky({ input: null, output }, [], ['close_account'])).toBe('the answer asks for close_account');
  expect(why([], ['close_account'], 'close_account?', 'I cannot close_account')).toBeNull();
});
