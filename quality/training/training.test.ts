import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPseudonyms } from '#store/redact/pseudonym.ts';
import { isRedacted, lineOf, type MadeOf, pairOf, redactPair } from './line.ts';
import { chatMessages } from './messages.ts';
import { createDuplicates, normalWords, shinglesOf, signatureOf, similarity } from './near-duplicates.ts';

const sentence = Array.from({ length: 60 }, (_, at) => `word${(at * 7919) % 101}`);

test('an estimated Jaccard index is near the true one', () => {
  for (const changed of [2, 6, 12]) {
    const other = sentence.map((word, at) => (at % (60 / changed) === 0 ? `${word}x` : word));
    const [one, two] = [shinglesOf(sentence), shinglesOf(other)];
    const shared = [...one].filter(shingle => two.has(shingle)).length;
    const jaccard = shared / (one.size + two.size - shared);
    expect(Math.abs(similarity(signatureOf(one), signatureOf(two)) - jaccard)).toBeLessThan(0.12);
  }
});

test('texts are the same whatever their case, spacing and punctuation; similar ones are near; others are new', () => {
  const duplicates = createDuplicates(0.8);
  expect(duplicates.see(sentence.join(' '))).toBe('new');
  expect(duplicates.see(`  ${sentence.join(', ').toUpperCase()}!`)).toBe('equal');
  expect(duplicates.see([...sentence, 'thanks'].join(' '))).toBe('near');
  expect(duplicates.see([...sentence].reverse().join(' '))).toBe('new');
  expect(createDuplicates(1).see('')).toBe('new');
  const japanese = createDuplicates(0.8);
  const text =
    '注文した商品がまだ届いていないので配送状況を確認してから返金の手続きを進めてくださいますようお願いします';
  expect([japanese.see(text), japanese.see(`${text}ね`)]).toEqual(['new', 'near']);
});

test('whose value was redacted makes no text less near, whatever the key; it is not equal for that', () => {
  const text = `${sentence.slice(0, 18).join(' ')} `;
  for (let key = 1; key <= 200; key += 1) {
    const name = createPseudonyms(new Uint8Array([key]));
    const duplicates = createDuplicates(0.85);
    const see = (whose: string) => duplicates.see(`${text}${name('email', whose)}`);
    expect([see('ana@example.com'), see('ben@example.com'), see('ana@example.com')]).toEqual([
      'new',
      'near',
      'equal',
    ]);
    expect(duplicates.see(text)).toBe('near');
  }
});

test('any text is equal to itself', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const duplicates = createDuplicates(0.85);
      duplicates.see(text);
      expect(duplicates.see(text)).toBe('equal');
      expect(normalWords(text.toUpperCase()).length).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 50 },
  );
});

const says = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });

test('messages become those of fine-tuning files, with calls of tools; what is no text cannot', () => {
  const call = { type: 'tool_call', id: 'c1', name: 'find', arguments: { order: 7 } };
  const result = { type: 'tool_call_response', id: 'c1', response: 'shipped' };
  expect(
    chatMessages([
      says('developer', 'Be kind.'),
      says('user', 'Where is it?'),
      { role: 'assistant', parts: [{ type: 'reasoning', content: 'hm' }, call] },
      { role: 'tool', parts: [result] },
    ]),
  ).toEqual([
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Where is it?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"order":7}' } }],
    },
    { role: 'tool', content: 'shipped', tool_call_id: 'c1' },
  ]);
  expect(chatMessages([{ role: 'user', parts: [{ type: 'image', content: 'x' }] }])).toBeNull();
  expect(chatMessages([says('planet', 'x')])).toBeNull();
});

test('a line is as its format has it, and none without its texts', () => {
  const call = { traceId: 't', spanId: 's', startMs: 0, mergedFrom: [] };
  const texts = new Map([
    ['t/s', { input: [says('user', 'Hi')], output: [says('assistant', 'No')], retrieved: [], tools: null }],
  ]);
  const made: MadeOf = { calls: [call], scores: ['x'], source: 'correction', correction: 'x' };
  const better = new Map([['x', 'Hello!']]);
  const lines = (['chat', 'preference', 'preference_openai'] as const).map(format =>
    JSON.parse(lineOf(format, pairOf(format, made, texts, better)!)),
  );
  const [user, good, bad] = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'assistant', content: 'No' },
  ];
  expect(lines).toEqual([
    { messages: [user, good] },
    { prompt: [user], chosen: [good], rejected: [bad] },
    { input: { messages: [user] }, preferred_output: [good], non_preferred_output: [bad] },
  ]);
  expect(pairOf('chat', made, texts, new Map())).toBeNull();
  expect(pairOf('chat', made, new Map(), better)).toBeNull();
});

test('a pair counts as redacted when a text changed, inside of tool calls and results too', () => {
  const call = {
    id: 'c1',
    type: 'function' as const,
    function: { name: 'find', arguments: '{"to":"jo@x.org"}' },
  };
  const pair = {
    prompt: [
      { role: 'assistant' as const, content: null, tool_calls: [call] },
      { role: 'tool' as const, content: 'shipped', tool_call_id: 'c1' },
    ],
    chosen: [{ role: 'assistant' as const, content: 'It is on its way.' }],
    rejected: [],
  };
  const without = (word: string) => redactPair(pair, text => text.replaceAll(word, '[x]'));
  expect(isRedacted('chat', pair, without('nothing like it'))).toBe(false);
  expect(isRedacted('chat', pair, without('jo@x.org'))).toBe(true);
  expect(isRedacted('chat', pair, without('shipped'))).toBe(true);
});
