import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertEvent, chartSvg, hostileName, sendContext } from '../../test/support/alert-events.ts';
import { type FakeSlack, fakeSlackToken, startFakeSlack } from '../../test/support/fake-slack.ts';
import { startHttpReceiver } from '../../test/support/http-receiver.ts';
import { schemaErrors } from '../../test/support/published-schema.ts';
import { pngOf } from '../notify/chart-image.ts';
import { slack } from './slack.ts';

let fake: FakeSlack;
beforeEach(async () => {
  fake = await startFakeSlack();
});
afterEach(async () => {
  await fake.stop();
  expect(fake.violations).toEqual([]);
});

const config = () => ({ token: fakeSlackToken, channel: '#alerts', api_url: `${fake.url}/api` });
const chart = async () => pngOf(chartSvg, 640);

test('an incident is one thread: its chart in it, recovery edits the first message and is said in the thread', async () => {
  const context = sendContext({ chart });
  expect(await slack.send(alertEvent('incident.firing'), config(), context)).toMatchObject({
    outcome: 'delivered',
    status: 200,
  });
  const [first] = fake.messages;
  expect(first).toMatchObject({ thread_ts: undefined, text: expect.stringContaining('fell 9 points') });
  // What and how much, since when, where, two links, in this order.
  const order = [
    'fell 9 points',
    '14:02 UTC, 21 Nov',
    'prod, gpt-5',
    'Very sure (0.3 %',
    '|Explain>',
    '|Traces>',
  ];
  const places = order.map(part => first!.blocks.indexOf(part));
  expect(
    places.every(place => place >= 0),
    first!.blocks,
  ).toBe(true);
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(fake.files).toMatchObject([
    { thread_ts: first!.ts, title: expect.stringContaining('fell 9 points') },
  ]);
  expect(fake.files[0]!.bytes.subarray(1, 4).toString()).toBe('PNG');

  await slack.send(alertEvent('incident.acknowledged', 2, { detail: 'Taken by Ana.' }), config(), context);
  expect(first!.text).toMatch(/^Acknowledged: /);
  await slack.send(alertEvent('incident.resolved', 3), config(), context);
  expect(fake.messages.map(({ thread_ts }) => thread_ts)).toEqual([undefined, first!.ts, first!.ts]);
  expect(first!.text).toMatch(/^Resolved: /);
  expect(fake.messages[2]!.blocks).toContain('Ended 14:40 UTC, 21 Nov');
  expect(fake.files).toHaveLength(1);
});

test('an attempt that ended after the message was posted does not post it again', async () => {
  const context = sendContext({ chart });
  fake.refuse.set('files.completeUploadExternal', 'internal_error');
  expect(await slack.send(alertEvent('incident.firing'), config(), context)).toMatchObject({
    outcome: 'delivered',
    answer: expect.stringContaining('but not the chart'),
  });
  fake.refuse.clear();
  await slack.send(alertEvent('incident.firing'), config(), context);
  expect(fake.messages).toHaveLength(1);
  expect(fake.files).toHaveLength(1);
});

test('a first message that somebody deleted is written anew', async () => {
  const context = sendContext();
  await slack.send(alertEvent('incident.firing'), config(), context);
  fake.messages.length = 0;
  expect(await slack.send(alertEvent('incident.resolved', 2), config(), context)).toMatchObject({
    outcome: 'delivered',
  });
  expect(fake.messages).toMatchObject([{ thread_ts: undefined, text: expect.stringMatching(/^Resolved/) }]);
});

test('names cannot become links, mentions or commands', async () => {
  const title = `Quality of ${hostileName} <!channel> fell ${'x'.repeat(5000)}`;
  await slack.send(
    alertEvent('incident.firing', 1, { title, also: [title, title] }),
    config(),
    sendContext(),
  );
  const [{ blocks } = { blocks: '' }] = fake.messages;
  expect(blocks).toContain('&lt;!channel&gt;');
  expect(blocks).not.toMatch(/<!|<script/);
});

test('what Slack refuses is a failed attempt with its word; a token that is over switches the channel off', async () => {
  fake.refuse.set('chat.postMessage', 'not_in_channel');
  expect(await slack.send(alertEvent('incident.firing'), config(), sendContext())).toEqual({
    outcome: 'failed',
    status: 200,
    error: 'Slack refused chat.postMessage: not_in_channel',
    answer: 'not_in_channel',
    retryAfterMs: null,
  });
  fake.refuse.set('chat.postMessage', 'token_revoked');
  expect(await slack.send(alertEvent('incident.firing'), config(), sendContext())).toMatchObject({
    outcome: 'gone',
  });
  fake.httpStatus = { status: 429, headers: { 'retry-after': '30' } };
  expect(await slack.send(alertEvent('incident.firing'), config(), sendContext())).toMatchObject({
    outcome: 'failed',
    status: 429,
    retryAfterMs: 30_000,
  });
});

test('by incoming webhook every event is a message; its address is not repeated in what is kept', async () => {
  const hook = await startHttpReceiver((_, n) =>
    n === 0
      ? { status: 200, body: 'ok' }
      : { status: 404, body: 'no_service for /services/T0/B0/verysecret' },
  );
  const webhook_url = `${hook.url}/services/T0/B0/verysecret`;
  expect(await slack.send(alertEvent('incident.firing'), { webhook_url }, sendContext())).toMatchObject({
    outcome: 'delivered',
    answer: 'ok',
  });
  expect(schemaErrors('slack-message', JSON.parse(String(hook.received[0]!.body)))).toEqual([]);
  const failed = await slack.send(alertEvent('incident.firing'), { webhook_url }, sendContext());
  expect(failed).toMatchObject({ outcome: 'failed', status: 404, answer: 'no_service for •••' });
  expect(slack.target({ webhook_url })).not.toContain('verysecret');
  await hook.stop();
});

test('settings must be whole', () => {
  expect(slack.problem({})).toMatch(/^token: either a bot token and a channel/);
  expect(slack.problem({ token: 'xoxb-1', api_url: 'https://slack.com/api' })).toMatch(/^channel: /);
  expect(slack.problem({ token: 'xoxp-1', channel: 'C1' })).toMatch(/^token: a bot token/);
  expect(slack.problem({ token: 'xoxb-1', channel: 'C1' })).toBeNull();
});
