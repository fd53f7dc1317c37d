import { expect, test } from 'vitest';
import type { ToolCall } from './evaluator.ts';
import { toolCallsMatch } from './tool-calls-match.ts';

const call = (name: string, given: unknown = {}): ToolCall => ({ name, arguments: given });
const judge = (expectedToolCalls: ToolCall[], toolCalls: ToolCall[], settings = {}) =>
  toolCallsMatch.score({ output: '', expectedToolCalls, toolCalls }, settings);

// By hand, F1 = 2 × shared / (asked for + expected).
test.each([
  ['the same call', [call('find', { order: 7 })], [call('find', { order: 7 })], 1],
  ['none and none expected', [], [], 1],
  ['one of two', [call('find'), call('refund')], [call('find')], 2 / 3],
  ['one too many', [call('find')], [call('find'), call('find')], 2 / 3],
  ['other arguments', [call('find', { order: 7 })], [call('find', { order: 8 })], 0],
  ['none expected, one came', [], [call('find')], 0],
])('%s', (_, wanted, came, value) => {
  expect(judge(wanted, came)).toMatchObject({ value });
  // Symmetric: what is missing from one side is too much on the other.
  expect(judge(came, wanted)).toMatchObject({ value });
});

test('arguments are the same as text or value and in any order of their keys and of the calls', () => {
  const wanted = [call('a', { x: 1, y: { p: [1, 2], q: null } }), call('b')];
  expect(judge(wanted, [call('b', ''), call('a', '{"y":{"q":null,"p":[1,2]},"x":1}')])).toMatchObject({
    value: 1,
    label: 'same',
  });
  expect(judge(wanted, [call('a', '{broken'), call('b')], { arguments: false })).toMatchObject({ value: 1 });
});

test('what is wrong is said; a case that names no tools is not judged', async () => {
  const said = await judge([call('refund', { id: 1 })], [call('find')]);
  expect(said.explanation).toBe('missing refund({"id":1}); not expected find({})');
  expect(toolCallsMatch.score({ output: 'hi', toolCalls: [] })).toMatchObject({ value: null });
});
