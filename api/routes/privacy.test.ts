import { afterAll, beforeAll, expect, test } from 'vitest';
import { problem } from '#contract/endpoint.ts';
import { getPrivacy, type Privacy, redactionKinds } from '#contract/privacy.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';

let engine: TestEngine;
let api: TestApi;

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine);
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

const all: Privacy = { capture_content: 'on', redact: [...redactionKinds], custom: [] };
const path = '/api/v1/privacy';
const mark = / [0-9a-f]{8}\]/g;

test('everything is looked for until somebody saves, and the environment says what is captured', async () => {
  const { body } = await api.ask('GET', path);
  expect(getPrivacy.reply.parse(body)).toEqual({ privacy: all, content_captured: true });
});

test('a text can be tried with settings that are not saved', async () => {
  const privacy = { ...all, redact: ['email'], custom: [{ name: 'customer', pattern: 'C-\\d{4}' }] };
  const text = 'C-1234 (ada@example.com, 4111111111111111)';
  const { status, body } = await api.ask('POST', `${path}/test`, { privacy, text });
  expect(status).toBe(200);
  expect(String(body.text).replace(mark, ']')).toBe('[customer] ([email], 4111111111111111)');
  expect(body.found).toEqual({ customer: 1, email: 1 });
  expect((await api.ask('GET', path)).body.privacy).toEqual(all);
});

test.each([
  [[{ name: 'own', pattern: 'a**' }], 'own: the pattern cannot be read'],
  [[{ name: 'own', pattern: '(a)\\1' }], 'own: the pattern cannot be read'],
  [[{ name: 'own', pattern: 'x*' }], 'own: the pattern matches nothing at all'],
  [[{ name: 'email', pattern: 'x' }], 'email: this name is taken'],
  [
    [
      { name: 'own', pattern: 'x' },
      { name: 'own', pattern: 'y' },
    ],
    'own: this name is taken',
  ],
  [[{ name: 'Bad name', pattern: 'x' }], 'lower-case letters'],
])('the patterns %j are refused', async (custom, reason) => {
  for (const [method, where, more] of [
    ['PUT', path, {}],
    ['POST', `${path}/test`, { text: 'x' }],
  ] as const) {
    const { status, body } = await api.ask(method, where, { privacy: { ...all, custom }, ...more });
    expect(status).toBe(400);
    expect(problem.parse(body).detail).toContain(reason);
  }
});

test('scores and feedback are stored without private values, under the name their session has elsewhere', async () => {
  const mail = 'ada@example.com';
  await api.ask('POST', '/api/v1/scores', {
    name: 'quality',
    label: `by ${mail}`,
    explanation: `card 4111 1111 1111 1111 of ${mail}`,
    session_id: mail,
    value: 1,
  });
  await api.ask('POST', '/api/v1/feedback', {
    rating: 'down',
    comment: `call +49 30 1234567`,
    session_id: '1234567',
  });
  const tried = await api.ask('POST', `${path}/test`, { privacy: all, text: mail });
  const rows = await engine.clickhouse.query<Record<string, string>>(
    'SELECT label, explanation, session FROM scores FINAL ORDER BY name',
  );
  expect(rows[0]!.session).toBe(tried.body.text);
  expect(rows.map(row => Object.values(row).map(text => text.replace(mark, ']')))).toEqual([
    ['by [email]', 'card [card] of [email]', '[email]'],
    ['thumbs_down', 'call [phone]', '1234567'],
  ]);
});

test('what is saved holds from then on', async () => {
  const privacy: Privacy = { capture_content: 'off', redact: ['phone', 'phone'], custom: [] };
  const saved = await api.ask('PUT', path, { privacy });
  const expected = { privacy: { ...privacy, redact: ['phone'] }, content_captured: false };
  expect(saved).toEqual({ status: 200, body: expected });
  expect((await api.ask('GET', path)).body).toEqual(expected);
  expect((await api.ask('GET', '/api/v1/onboarding')).body.content_captured).toBe(false);
  await api.ask('POST', '/api/v1/scores', { name: 'later', label: 'ada@example.com', session_id: 's' });
  const [row] = await engine.clickhouse.query<{ label: string }>(
    "SELECT label FROM scores FINAL WHERE name = 'later'",
  );
  expect(row!.label).toBe('ada@example.com');
});
