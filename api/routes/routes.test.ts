import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notification } from '#contract/channel.ts';
import type { Endpoint } from '#contract/endpoint.ts';
import { problem } from '#contract/endpoint.ts';
import { writeIngestStatus } from '#store/state/ingest-status.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';
import { startWebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { endpoints } from '../endpoints.ts';

const nowMs = Date.parse('2026-11-20T12:00:00Z');
const trace = '1'.repeat(32);
let engine: TestEngine;
let api: TestApi;

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const at = '2026-11-20T10:00:00Z';
  await engine.clickhouse.insert('spans', [
    spanRow({ at, trace_id: trace, span_id: 'a'.repeat(16), name: 'chat', role: 'model_call' }),
  ]);
  await engine.clickhouse.insert('calls', [
    callRow({ at, trace_id: trace, span_id: 'a'.repeat(16), response_id: 'resp-1', feature: 'support' }),
    callRow({ at: '2026-11-20T11:00:00Z', span_id: 'b'.repeat(16), feature: 'search', failed: 1 }),
    callRow({ at: '2026-11-19T11:00:00Z', span_id: 'c'.repeat(16), feature: 'search' }),
  ]);
  await engine.clickhouse.insert('scores', [
    scoreRow({ at, score_id: 's1', trace_id: trace, span_id: 'a'.repeat(16), value: 0.4 }),
  ]);
  await writeIngestStatus(api.state, {
    collector_id: 'one',
    at: new Date(nowMs - 1000).toISOString(),
    acked: 10,
    stored: 7,
    waiting: 3,
    rejected: { bad_id: 2 },
    last_received_at: '2026-11-20T11:59:00.000Z',
  });
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

/** Asks, and holds the answer against the contract. */
async function ask(endpoint: Endpoint, path: string = endpoint.path, body?: unknown) {
  const answer = await api.ask(endpoint.method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return endpoint.reply.parse(answer.body) as Record<string, unknown>;
}

async function refuse(method: string, path: string, body?: unknown) {
  const answer = await api.ask(method, path, body);
  return { status: answer.status, detail: problem.parse(answer.body).detail };
}

test('every endpoint of the contract is served', async () => {
  for (const { method, path } of Object.values(endpoints)) {
    if (path === '/api/v1/demo') continue;
    // Not every answer is JSON: some are files.
    const answer = await api.fetch(path.replaceAll(/\{\w+\}/g, 'x'), { method });
    expect([200, 400, 404], `${method} ${path}`).toContain(answer.status);
    expect(await answer.text()).not.toContain('openapi.json lists');
  }
  const document = await api.ask('GET', '/api/v1/openapi.json');
  expect(Object.keys(document.body.paths as object)).toHaveLength(
    new Set(Object.values(endpoints).map(({ path }) => path)).size,
  );
});

test('health sums the collectors and says what is wrong', async () => {
  const { health } = endpoints as { health: Endpoint };
  expect(await ask(health)).toMatchObject({
    status: 'ok',
    problems: [],
    version: '1.2.3',
    engine: { status: 'ok' },
    ingest: {
      acked: 10,
      stored: 7,
      waiting: 3,
      rejected: { bad_id: 2 },
      last_received_at: '2026-11-20T11:59:00.000Z',
    },
  });
  await writeIngestStatus(api.state, {
    collector_id: 'two',
    at: new Date(nowMs - 120_000).toISOString(),
    acked: 5,
    stored: 1,
    waiting: 4,
    rejected: { bad_id: 1, too_old: 1 },
    last_received_at: null,
  });
  const degraded = await ask(health);
  expect(degraded).toMatchObject({
    status: 'degraded',
    ingest: { acked: 15, rejected: { bad_id: 3, too_old: 1 } },
  });
  expect((degraded.problems as string[]).join()).toContain('4 items wait');
});

describe('questions', () => {
  test('measures by group, with what they were asked of', async () => {
    const reply = await ask(
      endpoints.measures!,
      '/api/v1/measures?measures=calls,failed_calls&group_by=feature',
    );
    expect(reply.rows).toEqual([
      { feature: 'search', calls: 1, failed_calls: 1 },
      { feature: 'support', calls: 1, failed_calls: 0 },
    ]);
    expect(reply.meta).toEqual({
      from: '2026-11-19T12:00:00.000Z',
      to: '2026-11-20T12:00:00.000Z',
      tz: 'UTC',
      data_until: expect.stringContaining('2026-11-20T11:00:00'),
      // Rows that no sender is known of.
      complete_until: null,
      truncated: false,
    });
    const cut = await ask(endpoints.measures!, '/api/v1/measures?measures=calls&group_by=feature&limit=1');
    expect(cut).toMatchObject({ rows: [expect.anything()], meta: { truncated: true } });
  });

  test.each([
    ['/api/v1/measures', /^measures: /],
    ['/api/v1/measures?measures=guesses', /unknown measure "guesses"/],
    ['/api/v1/measures?measures=calls&group_by=colour', /^group_by/],
    ['/api/v1/measures?measures=calls&where=colour:red', /dimension:value/],
    ['/api/v1/measures?measures=calls&interval=decade', /^interval: /],
    ['/api/v1/measures?measures=calls&tz=Mars/Phobos', /^tz: "Mars\/Phobos"/],
    ['/api/v1/measures?measures=calls&from=yesterday', /^from: /],
    ['/api/v1/overview?to=soon', /^to: /],
    ['/api/v1/markers?where=x', /dimension:value/],
    ['/api/v1/traces?sort=prettiest', /^sort: /],
    ['/api/v1/traces?before=never', /^before: /],
    ['/api/v1/traces/abc', /^trace_id: 32 hex digits/],
    ['/api/v1/alerts?state=worried', /^state: /],
    ['/api/v1/onboarding?x=1', /^x: no such parameter; there are none/],
  ])('%s is refused by name', async (path, detail) => {
    const { status, detail: said } = await refuse('GET', path);
    expect(status).toBe(400);
    expect(said).toMatch(detail);
  });

  test('the overview compares with the day before', async () => {
    const reply = (await ask(endpoints.overview!)) as {
      total: { now: { calls: number } };
      features: { feature: string; previous: unknown }[];
    };
    expect(reply.total.now.calls).toBe(2);
    expect(reply.features.map(({ feature }) => feature)).toEqual(['search', 'support']);
    expect(reply.features[1]?.previous).toBeNull();
  });

  test('a trace is found and opened; one that is not there is 404', async () => {
    const { traces } = (await ask(endpoints.traceSearch!, '/api/v1/traces?where=feature:support')) as {
      traces: { trace_id: string }[];
    };
    expect(traces.map(({ trace_id }) => trace_id)).toEqual([trace]);
    const detail = await ask(endpoints.traceById!, `/api/v1/traces/${trace}`);
    expect(detail).toMatchObject({
      trace_id: trace,
      calls: [{ feature: 'support' }],
      scores: [{ value: 0.4 }],
    });
    expect(await refuse('GET', `/api/v1/traces/${'f'.repeat(32)}`)).toMatchObject({ status: 404 });
  });

  test('onboarding says where to send and what came first', async () => {
    expect(await ask(endpoints.onboarding!)).toMatchObject({
      otlp_http: 'http://127.0.0.1:4318',
      otlp_grpc: '127.0.0.1:4317',
      key_required: false,
      local_mode: true,
      first_span: { trace_id: trace },
      last_reject: null,
      demo: { state: 'off', progress: 0 },
    });
  });
});

describe('scores', () => {
  test('one, many and a thumb are taken and seen at the trace', async () => {
    const { postScores, postFeedback } = endpoints as Record<string, Endpoint>;
    const one = { name: 'tone', value: 0.7, trace_id: trace, span_id: 'a'.repeat(16) };
    expect(await ask(postScores!, undefined, one)).toMatchObject({ accepted: 1 });
    const many = {
      scores: [
        { name: 'length', label: 'short', response_id: 'resp-1' },
        { ...one, value: 0 },
      ],
    };
    expect(await ask(postScores!, undefined, many)).toMatchObject({ accepted: 2 });
    expect(
      await ask(postFeedback!, undefined, { rating: 'down', comment: 'no', trace_id: trace }),
    ).toMatchObject({
      accepted: 1,
    });
    const detail = (await ask(endpoints.traceById!, `/api/v1/traces/${trace}`)) as {
      scores: { name: string; value: number | null; label: string; source: string }[];
    };
    const seen = detail.scores.map(({ name, value, label, source }) => `${source} ${name} ${value} ${label}`);
    expect(seen).toContain('feedback user_feedback -1 thumbs_down');
    expect(seen).toContain('api tone 0.7 ');
    expect(seen).toContain('api tone 0 ');
    expect(seen).toContain('api length null short');
  });

  test.each([
    [{ name: 'tone', trace_id: trace }, /give a value or a label/],
    [{ name: 'tone', value: 1 }, /name what is judged/],
    [{ name: 'tone', value: 1, trace_id: 'xyz' }, /trace_id: 32 hex digits/],
    [{ value: 1, trace_id: trace }, /name: /],
    [{ scores: [{ name: 'tone', value: 'high', trace_id: trace }] }, /scores\.0\.value: /],
    [[], /./],
  ])('%j is refused with the reason', async (body, detail) => {
    const { status, detail: said } = await refuse('POST', '/api/v1/scores', body);
    expect(status).toBe(400);
    expect(said).toMatch(detail);
  });
});

describe('alerts', () => {
  test('none at first; an unknown one is 404 whatever is asked of it', async () => {
    expect(await ask(endpoints.listAlerts!)).toMatchObject({ watching: { evaluated_until: null } });
    expect(await refuse('GET', '/api/v1/alerts/nope')).toMatchObject({ status: 404 });
    expect(await refuse('POST', '/api/v1/alerts/nope/ack')).toMatchObject({ status: 404 });
    expect(await refuse('POST', '/api/v1/alerts/nope/snooze', { hours: 1 })).toMatchObject({ status: 404 });
    expect(await refuse('POST', '/api/v1/alerts/nope/snooze', { hours: 1e6 })).toMatchObject({ status: 400 });
  });
});

describe('channels', () => {
  const kinds = (path: string) => endpoints[path]!;
  const make = (body: unknown) => ask(kinds('createChannel'), undefined, body);
  const ledger = async (query: string) =>
    (await ask(kinds('listNotifications'), `/api/v1/notifications?${query}`)) as {
      notifications: Notification[];
      next: string | null;
      undelivered: number;
    };

  test('made, listed without its secret, tried, and removed', async () => {
    const receiver = await startWebhookReceiver();
    const made = await make({ url: receiver.url });
    receiver.secret = String(made.secret);
    const list = await ask(kinds('listChannels'));
    expect(list.channels).toMatchObject([
      {
        id: made.id,
        kind: 'webhook',
        settings: { url: receiver.url },
        secrets: [],
        enabled: true,
        last: null,
      },
    ]);
    expect(JSON.stringify(list)).not.toContain(String(made.secret));
    const tried = await ask(kinds('testChannel'), `/api/v1/channels/${made.id}/test`);
    expect(tried).toEqual({ delivered: true, status: 204, answer: null, error: null });
    expect(receiver.received).toMatchObject([{ signed: true }]);
    await receiver.stop();
    const failed = await ask(kinds('testChannel'), `/api/v1/channels/${made.id}/test`);
    expect(failed).toMatchObject({ delivered: false, status: null });
    const { notifications } = await ledger(`channel_id=${made.id}`);
    expect(notifications).toMatchObject([
      { event: 'test', status: 'failed', attempts: [{ outcome: 'failed' }] },
      { event: 'test', status: 'delivered', attempts: [{ outcome: 'delivered', status: 204 }] },
    ]);
    expect(await ask(kinds('deleteChannel'), `/api/v1/channels/${made.id}`)).toEqual({});
    expect(await refuse('DELETE', `/api/v1/channels/${made.id}`)).toMatchObject({ status: 404 });
    expect(await refuse('POST', `/api/v1/channels/${made.id}/test`)).toMatchObject({ status: 404 });
    const [gone] = (await ledger(`channel_id=${made.id}`)).notifications;
    expect(gone).toMatchObject({ channel: null, can_resend: false });
    expect(await refuse('POST', `/api/v1/notifications/${gone!.id}/resend`)).toMatchObject({ status: 409 });
  });

  test('secrets are written and never read: kept when not given, replaced, removed', async () => {
    const token = 'xoxb-1234-very-secret';
    const made = await make({
      kind: 'slack',
      name: 'On call',
      settings: { channel: '#alerts', token },
    });
    expect(made).toMatchObject({ name: 'On call', target: '#alerts', secrets: ['token'], secret: null });
    const path = `/api/v1/channels/${made.id}`;
    const put = (body: object) =>
      ask(kinds('changeChannel'), path, { name: 'On call', enabled: true, ...body });
    expect(await put({ settings: { channel: 'C2' } })).toMatchObject({ target: 'C2', secrets: ['token'] });
    const hook = { webhook_url: 'https://hooks.slack.com/services/T/B/hidden', token: '' };
    expect(await put({ settings: {}, secrets: hook })).toMatchObject({ secrets: ['webhook_url'] });
    for (const text of [made, await ask(kinds('listChannels'))].map(one => JSON.stringify(one))) {
      expect(text).not.toMatch(/very-secret|hidden/);
    }
    expect(
      await refuse('PUT', path, { name: '', enabled: true, settings: {}, secrets: { webhook_url: '' } }),
    ).toMatchObject({ status: 400, detail: expect.stringMatching(/^token: /) });
    expect(
      await refuse('POST', '/api/v1/channels', { name: 'On call', url: 'https://a.example' }),
    ).toMatchObject({ status: 409 });
    expect(
      await refuse('POST', '/api/v1/channels', { kind: 'teams', settings: { what: 'x' } }),
    ).toMatchObject({ status: 400, detail: expect.stringContaining('no such setting') });
    await ask(kinds('deleteChannel'), path);
  });

  test('a signing secret is replaced, and both hold for a day', async () => {
    const made = await make({ url: 'https://hooks.example.com/x' });
    const rotated = await ask(kinds('rotateChannelSecret'), `/api/v1/channels/${made.id}/rotate-secret`);
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(made.secret);
    expect(rotated.previous_secret_until).toBe('2026-11-21T12:00:00.000Z');
    const twin = await make({ url: 'https://hooks.example.com/y' });
    expect([made.name, twin.name]).toEqual(['Webhook hooks.example.com', 'Webhook hooks.example.com 2']);
    await ask(kinds('deleteChannel'), `/api/v1/channels/${made.id}`);
    await ask(kinds('deleteChannel'), `/api/v1/channels/${twin.id}`);
  });

  test('a template is tried with samples before it is saved', async () => {
    const preview = (template: string) =>
      ask(kinds('previewTemplate'), undefined, { content_type: 'application/json', template });
    expect(await preview('{"t":"{{headline}}"}')).toMatchObject({
      error: null,
      samples: [{ type: 'incident.firing', body: expect.stringContaining('\\"support\\"') }, {}],
    });
    expect(await preview('{{nope}}')).toMatchObject({ error: expect.stringContaining('"nope"') });
    const settings = { url: 'https://a.example', template: '{"t": {{title}} }' };
    expect(await refuse('POST', '/api/v1/channels', { kind: 'http', settings })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('not JSON'),
    });
  });

  test('a message is sent again by hand, when its channel is on', async () => {
    const receiver = await startWebhookReceiver();
    const made = await make({ url: receiver.url });
    await ask(kinds('testChannel'), `/api/v1/channels/${made.id}/test`);
    const [sent] = (await ledger(`channel_id=${made.id}`)).notifications;
    const again = await ask(kinds('resendNotification'), `/api/v1/notifications/${sent!.id}/resend`);
    expect(again).toMatchObject({ status: 'waiting', event_id: sent!.event_id, attempts: [{ number: 1 }] });
    await api.api.checkAlerts();
    expect(receiver.received.map(({ id }) => id)).toEqual([sent!.event_id, sent!.event_id]);
    expect((await ledger('limit=1')).notifications).toMatchObject([
      { status: 'delivered', attempts: [{}, {}] },
    ]);
    await ask(kinds('changeChannel'), `/api/v1/channels/${made.id}`, {
      name: '',
      enabled: false,
      settings: { url: receiver.url },
    });
    expect(await refuse('POST', `/api/v1/notifications/${sent!.id}/resend`)).toMatchObject({ status: 409 });
    expect(await refuse('POST', '/api/v1/notifications/nope/resend')).toMatchObject({ status: 404 });
    await ask(kinds('deleteChannel'), `/api/v1/channels/${made.id}`);
    await receiver.stop();
  });

  test('an address that is not one is refused', async () => {
    expect(await refuse('POST', '/api/v1/channels', { url: 'ftp://x' })).toMatchObject({ status: 400 });
    expect(await refuse('POST', '/api/v1/channels', {})).toMatchObject({ status: 400 });
  });
});
