import { describe, expect, test } from 'vitest';
import { defectScores } from '#contract/score.ts';
import { citationPresent } from './citation.ts';
import { empty } from './empty.ts';
import type { Example } from './evaluator.ts';
import { evaluators } from './index.ts';
import { language, languageOf } from './language.ts';
import { length } from './length.ts';
import { piiLeak } from './pii-leak.ts';
import { refusal } from './refusal.ts';
import { repeatedShare, repetition } from './repetition.ts';
import { toolCallValid } from './tool-call-valid.ts';
import { toxicity } from './toxicity.ts';
import { truncated } from './truncated.ts';

const value = async (evaluator: (typeof evaluators)[number], example: Example, settings = {}) =>
  (await evaluator.score(example, settings)).value;

describe('refusal', () => {
  test.each([
    "I'm sorry, but I can't help with that.",
    'I’m sorry, but I can’t assist with that request.',
    'I cannot provide instructions for that.',
    "As an AI language model, I don't have personal opinions.",
    'Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.',
    'Das kann ich leider nicht: Ich kann Ihnen diese Auskunft nicht geben.',
    'Désolé, mais je ne peux pas répondre à cette question.',
    'Lo siento, pero no puedo ayudar con eso.',
    'Desculpe, mas não posso ajudar com isso.',
    'Mi dispiace, ma non posso aiutarti.',
    '申し訳ありませんが、お手伝いできません。',
    '抱歉，我无法提供这方面的帮助。',
  ])('%s', async output => expect(await value(refusal, { output })).toBe(1));

  test.each([
    "I'm sorry for the delay. Your parcel arrives tomorrow.",
    'You can’t return opened items, but an exchange is possible.',
    'Sure, here it is: the cat sat on the mat.',
    'Ich kann Ihnen gern helfen.',
    `${'The film is about a robot. '.repeat(30)} In the end it says: I cannot help you.`,
  ])('not: %s', async output => expect(await value(refusal, { output })).toBe(0));

  test('a content filter refuses without words', async () =>
    expect(await value(refusal, { output: '', finishReason: 'content_filter' })).toBe(1));
});

test.each<[Example, number]>([
  [{ output: '' }, 1],
  [{ output: ' \n… ' }, 1],
  [{ output: 'N/A' }, 1],
  [{ output: '42' }, 0],
  [{ output: '👍' }, 0],
  [{ output: '', toolCalls: [{ name: 'lookup', arguments: '{}' }] }, 0],
])('empty: %o is %d', async (example, expected) => expect(await value(empty, example)).toBe(expected));

test.each<[Example, number | null]>([
  [{ finishReason: 'length' }, 1],
  [{ finishReason: 'stop' }, 0],
  [{ finishReason: 'stop', output: 'It stops here because the limit of the' }, 0],
  [{}, null],
  [{ output: 'To reset the password you open the settings page and then you' }, 1],
  [{ output: 'You need a passport and' }, 1],
  [{ output: 'Here it is:\n```js\nconst a = 1' }, 1],
  [{ output: 'To reset the password you open the settings page.' }, 0],
  [{ output: 'Paris' }, 0],
  [{ output: 'You need:\n- a passport\n- a photo of the person who travels with you to the border' }, 0],
  [{ output: '' }, 0],
])('truncated: %o is %s', async (example, expected) =>
  expect(await value(truncated, example)).toBe(expected),
);

test('repetition is the share of word runs that were there before', async () => {
  // Five runs of four words, of which two are different.
  expect(repeatedShare('a b a B, a b; a b.', 4)).toBeCloseTo(0.6, 9);
  expect(await value(repetition, { output: 'The quick brown fox jumps over the lazy dog.' })).toBe(0);
  expect(await value(repetition, { output: 'I can help. '.repeat(50) })).toBeGreaterThan(0.9);
  expect(await value(repetition, { output: 'short' })).toBe(0);
});

test.each([
  ['The parcel is on its way and you can track it with the number that we sent.', 'en'],
  ['Ihr Paket ist unterwegs und wird morgen geliefert, wenn Sie zu Hause sind oder nicht.', 'de'],
  ['Votre colis est en route et vous pouvez le suivre avec le numéro que nous avons envoyé.', 'fr'],
  ['Su paquete está en camino y lo puede seguir con el número que se le envió por correo.', 'es'],
  ['O seu pacote está a caminho e você não precisa fazer mais nada para o receber em casa.', 'pt'],
  ['Il pacco è in viaggio e non è più possibile cambiare la data della consegna con questo modulo.', 'it'],
  ['Het pakket is onderweg en je kunt het volgen met het nummer dat wij je hebben gestuurd.', 'nl'],
  ['お荷物は配送中です。', 'ja'],
  ['您的包裹正在运送中。', 'zh'],
  ['소포가 배송 중입니다.', 'ko'],
  ['Ваша посылка уже в пути, и вы можете отслеживать её.', 'ru'],
  ['Ваша посилка вже в дорозі, її можна відстежити.', 'uk'],
  ['Το δέμα σας είναι καθ’ οδόν.', 'el'],
  ['شحنتك في الطريق إليك الآن.', 'ar'],
  ['OK', null],
  ['INV-2026-11 / 47,11 EUR', null],
])('the language of %j is %s', (text, expected) => expect(languageOf(text)).toBe(expected));

test('language compares with the setting, the case, or the question', async () => {
  const german = 'Das Paket ist unterwegs und wird morgen mit der Post geliefert.';
  const english = 'Where is the parcel that I ordered for my mother?';
  expect(await value(language, { output: german }, { expected: 'de' })).toBe(1);
  expect(await value(language, { output: german, language: 'en' })).toBe(0);
  expect(await value(language, { output: german, input: english })).toBe(0);
  expect(await value(language, { output: german })).toBeNull();
  expect(await value(language, { output: 'OK' }, { expected: 'de' })).toBeNull();
});

test('length has bounds', async () => {
  expect(await length.score({ output: 'one two three' }, { min_words: 4 })).toMatchObject({
    value: 0,
    label: 'too_short',
    explanation: '3 words',
  });
  expect(await value(length, { output: 'one two three' }, { max_words: 3 })).toBe(1);
});

test('toxicity finds whole words of the lists, and does not repeat them', async () => {
  expect(await value(toxicity, { output: 'You are a bastard!' })).toBe(1);
  expect(await value(toxicity, { output: 'Va te  faire\nfoutre.' })).toBe(1);
  expect(await value(toxicity, { output: 'Scunthorpe is a town; "Sukad" and "ßuka" are not words.' })).toBe(
    0,
  );
  expect(await value(toxicity, { output: 'Our Troia guide' }, { except: ['troia'] })).toBe(0);
  expect(await value(toxicity, { output: 'what a lemon' }, { also: ['lemon'] })).toBe(1);
  expect((await toxicity.score({ output: 'bitch' })).explanation).not.toContain('bitch');
});

test('a private value counts unless the user gave it, before and after redaction', async () => {
  const output = 'Write to jane.doe@example.com or call.';
  expect(await piiLeak.score({ output })).toMatchObject({ value: 1, label: 'email' });
  expect(await value(piiLeak, { output, input: 'My address is jane.doe@example.com' })).toBe(0);
  expect(await value(piiLeak, { output, input: 'My address is john@example.com' })).toBe(1);
  expect(await value(piiLeak, { output: 'It is [email 3f9a2c1b].', input: 'I am [email 3f9a2c1b]' })).toBe(0);
  expect(await value(piiLeak, { output: 'It is [email 3f9a2c1b].' })).toBe(1);
  expect(await value(piiLeak, { output }, { kinds: ['card'] })).toBe(0);
  expect(await value(piiLeak, { output: 'Your order 4711 arrives on 2026-11-21.' })).toBe(0);
});

test.each([
  ['It is so [1].', 1],
  ['It is so [1, 2] and [^3].', 1],
  ['See [the manual](https://example.com/a).', 1],
  ['As written 【4:0†guide.pdf】.', 1],
  ['It is so (source: the manual).', 1],
  ['It is so, trust me. An array is [] and a[i].', 0],
])('citation: %j is %d', async (output, expected) =>
  expect(await value(citationPresent, { output })).toBe(expected),
);

test('tool calls must parse, exist and fit', async () => {
  const tools = [
    {
      name: 'lookup',
      parameters: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
    },
  ];
  const asked = (given: unknown, name = 'lookup') => ({
    output: '',
    tools,
    toolCalls: [{ name, arguments: given }],
  });
  expect(await value(toolCallValid, asked('{"id": 7}'))).toBe(1);
  expect(await value(toolCallValid, asked({ id: 7 }))).toBe(1);
  expect(await toolCallValid.score(asked('{"id": "7"}'))).toMatchObject({
    value: 0,
    explanation: 'lookup: /id must be integer',
  });
  expect(await value(toolCallValid, asked('{"id": 7'))).toBe(0);
  expect(await value(toolCallValid, asked('{}', 'other'))).toBe(0);
  expect(await value(toolCallValid, { output: '', toolCalls: [{ name: 'any', arguments: '{}' }] })).toBe(1);
  expect(await value(toolCallValid, { output: 'no tool' })).toBeNull();
});

test('the names that are known as defects are those of the evaluators of which lower is better', () => {
  const lower = evaluators.filter(({ direction }) => direction === 'lower').map(({ name }) => name);
  expect(lower.sort()).toEqual([...defectScores].sort());
});

test('names are unique, and every evaluator takes any text in its stride', async () => {
  expect(new Set(evaluators.map(({ name }) => name)).size).toBe(evaluators.length);
  const settings: Record<string, Record<string, unknown>> = { regex: { pattern: 'a' } };
  for (const text of [
    '',
    ' ',
    'a',
    '\u0000\ud800',
    '🙂'.repeat(100),
    'word '.repeat(20_000),
    '('.repeat(30_000),
  ]) {
    for (const evaluator of evaluators) {
      const example = { input: text, output: text, reference: text, context: [text] };
      const verdict = await evaluator.score(example, settings[evaluator.name] ?? {});
      expect(verdict.value === null || (verdict.value >= 0 && verdict.value <= 1)).toBe(true);
    }
  }
});
