import { afterEach, describe, expect, test } from 'vitest';
import { alertEvent, hostileName, sendContext } from '../../test/support/alert-events.ts';
import { type HttpReceiver, type HttpReply, startHttpReceiver } from '../../test/support/http-receiver.ts';
import { schemaErrors } from '../../test/support/published-schema.ts';
import type { Attempt, StoredChannel } from './channel.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { retrain } from './retrain.ts';
import { newSecret } from './standard-webhooks.ts';
import { teams } from './teams.ts';

const open: HttpReceiver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(server => server.stop()));
});

async function receiver(reply: HttpReply = { status: 202, body: {} }): Promise<HttpReceiver> {
  const server = await startHttpReceiver(() => reply);
  open.push(server);
  return server;
}

const bodyOf = (server: HttpReceiver, n = 0) =>
  JSON.parse(String(server.received[n]!.body)) as Record<string, unknown>;

const long = { title: `Quality of ${hostileName} fell ${'9'.repeat(3000)}`, feature: 'f'.repeat(3000) };

describe('PagerDuty', () => {
  const routing_key = 'e93facc04764012d7bfb002500d5d1a6';
  const sendAll = async (server: HttpReceiver, events: Parameters<typeof alertEvent>[]) => {
    const attempts: Attempt[] = [];
    for (const event of events) {
      attempts.push(
        await pagerduty.send(alertEvent(...event), { routing_key, api_url: server.url }, sendContext()),
      );
    }
    return attempts;
  };

  test('one alert is triggered, acknowledged and resolved by its key, as the schema wants it', async () => {
    const answer = { status: 'success', message: 'Event processed', dedup_key: 'inc_1' };
    const server = await receiver({ status: 202, body: answer });
    const attempts = await sendAll(server, [
      ['incident.firing', 1],
      ['incident.updated', 2, { severity: 'critical' }],
      ['incident.acknowledged', 3],
      ['incident.resolved', 4],
      ['incident.firing', 5, { ...long, dedup_key: 'k'.repeat(300) }],
    ]);
    expect(attempts.every(({ outcome }) => outcome === 'delivered')).toBe(true);
    const events = attempts.map((_, n) => bodyOf(server, n));
    expect(events.flatMap(event => schemaErrors('pagerduty-event', event))).toEqual([]);
    expect(server.received.every(({ path }) => path === '/v2/enqueue')).toBe(true);
    expect(events.map(({ event_action }) => event_action)).toEqual([
      'trigger',
      'trigger',
      'acknowledge',
      'resolve',
      'trigger',
    ]);
    expect(new Set(events.slice(0, 4).map(({ dedup_key }) => dedup_key))).toEqual(new Set(['inc_1']));
    expect(events[0]).toMatchObject({
      payload: { severity: 'error', component: 'support-bot', group: 'prod', class: 'score:quality' },
      links: [{ href: 'https://driftline.example/a/inc_1', text: 'Explain' }, {}],
    });
  });

  test('what it refuses is shown, without the key', async () => {
    const body = { status: 'invalid event', errors: [`routing_key ${routing_key} is unknown`] };
    const [attempt] = await sendAll(await receiver({ status: 400, body }), [['incident.firing']]);
    expect(attempt).toMatchObject({ outcome: 'failed', status: 400 });
    expect(attempt!.answer).toContain('is unknown');
    expect(JSON.stringify(attempt)).not.toContain(routing_key);
  });

  test('a remark is not sent: it would trigger again', () => {
    expect(pagerduty.wants(alertEvent('incident.note'))).toBe(false);
    expect(pagerduty.wants(alertEvent('incident.firing'))).toBe(true);
    expect(pagerduty.problem({ routing_key: 'short' })).toMatch(/32/);
  });
});

test('Opsgenie: one alert by its alias is opened, noted, acknowledged and closed', async () => {
  const server = await receiver({ status: 202, body: { result: 'Request will be processed' } });
  const config = { api_key: 'eb243592-faa2-4ba2-a551q-1afdf565c889', team: 'support', api_url: server.url };
  const types = ['firing', 'updated', 'acknowledged', 'resolved'];
  for (const [n, type] of types.entries()) {
    const event = alertEvent(`incident.${type}`, n + 1, type === 'firing' ? { severity: 'critical' } : {});
    expect(await opsgenie.send(event, config, sendContext())).toMatchObject({
      outcome: 'delivered',
      status: 202,
    });
  }
  await opsgenie.send(alertEvent('incident.firing', 5, long), config, sendContext());
  expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v2/alerts',
    'POST /v2/alerts/inc_1/notes?identifierType=alias',
    'POST /v2/alerts/inc_1/acknowledge?identifierType=alias',
    'POST /v2/alerts/inc_1/close?identifierType=alias',
    'POST /v2/alerts',
  ]);
  expect(server.received.every(({ headers }) => headers.authorization === `GenieKey ${config.api_key}`)).toBe(
    true,
  );
  const errors = server.received.flatMap(({ path }, n) =>
    schemaErrors(path === '/v2/alerts' ? 'opsgenie-alert' : 'opsgenie-note', bodyOf(server, n)),
  );
  expect(errors).toEqual([]);
  expect(bodyOf(server)).toMatchObject({
    alias: 'inc_1',
    priority: 'P1',
    entity: 'support-bot',
    responders: [{ type: 'team', name: 'support' }],
  });
});

test('Teams: a card within the limits, in which names are plain text', async () => {
  const server = await receiver({ status: 202, body: '' });
  const webhook_url = `${server.url}/workflows/abc/triggers/manual/paths/invoke?sig=verysecret`;
  for (const [type, more] of [
    ['incident.firing', {}],
    ['incident.resolved', {}],
    ['incident.firing', { ...long, also: Array(20).fill(long.title), detail: 'd'.repeat(9000) }],
  ] as const) {
    const attempt = await teams.send(alertEvent(type, 1, more), { webhook_url }, sendContext());
    expect(attempt).toEqual({ outcome: 'delivered', status: 202, answer: null });
  }
  for (const n of [0, 1, 2]) {
    expect(schemaErrors('teams-message', bodyOf(server, n))).toEqual([]);
    expect(server.received[n]!.body.length).toBeLessThan(28 * 1024);
  }
  expect(teams.target({ webhook_url })).not.toContain('verysecret');
});

describe('retraining', () => {
  const cases = async () => [
    {
      trace_id: '1'.repeat(32),
      span_id: '2'.repeat(16),
      start_time: '2026-11-21T14:05:00Z',
      value: 0.2,
      model: 'm',
      prompt: 'v14',
    },
  ];

  test('is asked for with references to failing calls, signed', async () => {
    const server = await receiver({ status: 202, body: '' });
    const context = sendContext({ signing: [newSecret()], cases });
    expect(await retrain.send(alertEvent('incident.firing'), { url: server.url }, context)).toMatchObject({
      outcome: 'delivered',
    });
    expect(server.received[0]!.headers['webhook-signature']).toMatch(/^v1,/);
    expect(bodyOf(server)).toMatchObject({
      type: 'retrain.requested',
      data: { id: 'inc_1', feature: 'support-bot', cases: [{ value: 0.2, prompt: 'v14' }] },
    });
  });

  test('not by recoveries, remarks or metrics that are not about answers', async () => {
    const server = await receiver();
    const wanted = ['incident.firing', 'incident.resolved', 'incident.note', 'internal.firing', 'test'];
    expect(wanted.map(type => retrain.wants(alertEvent(type)))).toEqual([true, false, false, false, true]);
    const cost = alertEvent('incident.firing', 1, { metric: 'cost' });
    const context = sendContext({ signing: [newSecret()], cases });
    expect(await retrain.send(cost, { url: server.url }, context)).toMatchObject({
      outcome: 'delivered',
      status: null,
    });
    expect(server.received).toHaveLength(0);
    await retrain.send(cost, { url: server.url, metrics: 'all' }, context);
    expect(server.received).toHaveLength(1);
  });
});

test.each<[string, StoredChannel, (url: string) => object]>([
  ['PagerDuty', pagerduty, url => ({ routing_key: 'a'.repeat(32), api_url: url })],
  ['Opsgenie', opsgenie, url => ({ api_key: 'a'.repeat(20), api_url: url })],
  ['Teams', teams, url => ({ webhook_url: url })],
])('%s: redirects, 410, 429, silence and addresses inside', async (_, kind, config) => {
  const elsewhere = await receiver();
  const attempt = async (reply: HttpReply | 'hang', allow = true) => {
    const server = await startHttpReceiver(() => reply);
    open.push(server);
    const context = sendContext({
      allowPrivateAddresses: allow,
      ...(reply === 'hang' && { timeoutMs: 100 }),
    });
    return {
      ...(await kind.send(alertEvent('incident.firing'), config(server.url), context)),
      asked: server.received.length,
    };
  };
  expect(await attempt({ status: 307, headers: { location: elsewhere.url } })).toMatchObject({
    outcome: 'failed',
  });
  expect(elsewhere.received).toHaveLength(0);
  expect(await attempt({ status: 410 })).toMatchObject({ outcome: 'gone' });
  expect(await attempt({ status: 429, headers: { 'retry-after': '7' } })).toMatchObject({
    retryAfterMs: 7000,
  });
  expect(await attempt('hang')).toMatchObject({ outcome: 'failed', error: 'no answer within 0.1 s' });
  expect(await attempt({ status: 202 }, false)).toMatchObject({
    outcome: 'failed',
    error: '127.0.0.1 is a private address',
    asked: 0,
  });
});
