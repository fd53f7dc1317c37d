import { afterEach, describe, expect, test } from 'vitest';
import { alertEvent, hostileName, sendContext } from '../../test/support/alert-events.ts';
import { type HttpReceiver, startHttpReceiver } from '../../test/support/http-receiver.ts';
import { http } from './http.ts';
import { renderTemplate, TemplateError } from './template.ts';

let server: HttpReceiver | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function sent(config: object, event = alertEvent('incident.firing')) {
  server = await startHttpReceiver(() => ({ status: 201, body: 'made' }));
  const attempt = await http.send(event, { url: server.url, ...config }, sendContext());
  return { attempt, request: server.received[0]!, body: String(server.received[0]?.body) };
}

test('a template is filled and escaped for its content type; headers are as given', async () => {
  const event = alertEvent('incident.firing', 1, { title: `${hostileName}\r\n` });
  const template =
    '{"text":"{{headline}}","facts":[{{#facts}}"{{label}}",{{/facts}}null],"over":{{is_resolved}}}';
  const { request, body, attempt } = await sent(
    { template, method: 'PUT', headers: 'Authorization: Bearer abcdef123\nX-Team: a\nContent-Length: 3' },
    event,
  );
  expect(JSON.parse(body)).toMatchObject({ text: hostileName, over: false });
  expect(request).toMatchObject({
    method: 'PUT',
    headers: { authorization: 'Bearer abcdef123', 'x-team': 'a' },
  });
  expect(attempt).toEqual({ outcome: 'delivered', status: 201, answer: 'made' });
});

test('a form is escaped as a form', async () => {
  const event = alertEvent('incident.firing', 1, { title: hostileName });
  const { body } = await sent(
    { template: 'text={{title}}&id={{id}}', content_type: 'application/x-www-form-urlencoded' },
    event,
  );
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ text: hostileName, id: event.id });
});

test('a template that cannot be filled sends the built-in text and says so', async () => {
  for (const template of ['{{nothing_like_it}}', '{"open": {{title}}}', '{{#facts}}']) {
    const { attempt, body } = await sent({ template });
    expect(attempt).toMatchObject({
      outcome: 'delivered',
      answer: expect.stringContaining('template failed'),
    });
    expect(JSON.parse(body)).toMatchObject({
      type: 'incident.firing',
      text: expect.stringContaining('fell 9 points'),
      url: 'https://driftline.example/a/inc_1',
    });
    await server?.stop();
  }
});

test('headers must be headers', () => {
  const url = 'https://example.com';
  expect(http.problem({ url, headers: 'not a header' })).toMatch(/^headers: /);
  expect(http.problem({ url, headers: 'A: b\r\nC: d' })).toBeNull();
});

describe('renderTemplate', () => {
  const shout = (text: string) => text.toUpperCase();
  const data = { name: 'a<b', yes: true, no: false, empty: '', list: [{ x: 1 }, { x: 2 }], none: [] };
  test.each([
    ['{{name}} {{{name}}} {{ name }}', 'A<B a<b A<B'],
    ['{{#yes}}y{{/yes}}{{^yes}}n{{/yes}}{{#no}}y{{/no}}{{^no}}n{{/no}}', 'yn'],
    ['{{#list}}{{x}}{{name}},{{/list}}{{^none}}none{{/none}}{{#empty}}e{{/empty}}', '1A<B,2A<B,none'],
    ['{{! a remark }}{ {x} }', '{ {x} }'],
  ])('%s', (template, result) => {
    expect(renderTemplate(template, data, shout)).toBe(result);
  });
  test.each([
    ['{{what}}', 'no value "what"'],
    ['{{constructor}}', 'no value'],
    ['{{a b}}', 'names no value'],
    ['{{list}}', 'needs a section'],
    ['{{#yes}}', 'not closed'],
    ['{{#yes}}{{/no}}', 'is closed by'],
    ['{{/yes}}', 'was not opened'],
    ['{{#list}}'.repeat(11), 'too deeply'],
    [`${'{{#list}}'.repeat(10)}${'x'.repeat(200)}${'{{/list}}'.repeat(10)}`, 'longer than'],
  ])('%s is refused', (template, why) => {
    expect(() => renderTemplate(template, data, shout)).toThrow(TemplateError);
    expect(() => renderTemplate(template, data, shout)).toThrow(why);
  });
});
