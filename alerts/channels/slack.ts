import { z } from 'zod';
import { type Attempt, channel, failed, field, type OutgoingEvent, type SendContext } from './channel.ts';
import { type Notice, readNotice } from './notice.ts';
import { isAnswer, judge, post, postJson } from './post.ts';
import { slackMessage, slackReply } from './slack-message.ts';
import { webAddress } from './webhook.ts';

const config = z
  .object({
    token: z.string().startsWith('xoxb-', 'a bot token begins with xoxb-').optional(),
    channel: z.string().min(1).optional(),
    webhook_url: webAddress.optional(),
    api_url: webAddress.default('https://slack.com/api'),
  })
  .superRefine((given, check) => {
    if (given.webhook_url || (given.token && given.channel)) return;
    const path = given.token ? ['channel'] : ['token'];
    check.addIssue({
      code: 'custom',
      path,
      message: 'either a bot token and a channel, or the address of an incoming webhook',
    });
  });
type Config = z.output<typeof config>;

/**
 * One thread for each incident: the first message is edited when it is acknowledged or over, later news are replies,
 * and the chart is uploaded into the thread. By incoming webhook every event is a message of its own.
 */
export const slack = channel({
  label: 'Slack',
  about: 'One thread for each incident, with its chart; recovery edits the first message.',
  fields: [
    field('channel', 'Channel', {
      placeholder: 'C0123456789 or #alerts',
      help: 'Invite the bot there first.',
    }),
    field('token', 'Bot token', {
      secret: true,
      placeholder: 'xoxb-…',
      help: 'Scopes chat:write and files:write.',
    }),
    field('webhook_url', 'Or the address of an incoming webhook', {
      type: 'url',
      secret: true,
      placeholder: 'https://hooks.slack.com/services/…',
      help: 'Without a bot: no threads, no chart.',
    }),
    field('api_url', 'API address', { type: 'url', default: 'https://slack.com/api', help: 'For a proxy.' }),
  ],
  config,
  target: ({ channel: room, webhook_url }) =>
    webhook_url ? `incoming webhook at ${new URL(webhook_url).host}` : (room ?? ''),
  async send(event, given, context) {
    const notice = readNotice(event);
    if (given.webhook_url) return sendByWebhook(given.webhook_url, notice, context);
    const api = slackApi(given, context);
    return inThread(api, notice, event, given, context);
  },
});

/** `no_service`, `channel_is_archived` and the like come as plain text with a status that says enough. */
const sendByWebhook = (url: string, notice: Notice, context: SendContext) =>
  postJson(url, slackMessage(notice), context);

/** Where the thread of an incident begins, and the last event that is in it. */
const thread = z.object({
  channel: z.string(),
  ts: z.string(),
  last_event: z.string(),
  charted: z.boolean(),
});
type Thread = z.output<typeof thread>;

async function inThread(
  api: SlackApi,
  notice: Notice,
  event: OutgoingEvent,
  { channel: room = '' }: Config,
  context: SendContext,
): Promise<Attempt> {
  const known = thread.safeParse(await context.memory?.read());
  if (!known.success || notice.phase === 'test') return open(api, notice, event, room, context);
  const { data: begun } = known;
  // Sent before, but the end of that attempt was not written down.
  if (begun.last_event === event.id) return finish(api, notice, begun, context);
  if (notice.phase === 'resolved' || notice.phase === 'acknowledged') {
    const edited = await edit(api, notice, begun);
    if (edited.gone) return open(api, notice, event, room, context);
    if (edited.attempt.outcome !== 'delivered') return edited.attempt;
  }
  const reply = await api('chat.postMessage', {
    channel: begun.channel,
    thread_ts: begun.ts,
    unfurl_links: false,
    ...slackReply(notice),
  });
  if (isAttempt(reply)) return reply;
  await context.memory?.write({ ...begun, last_event: event.id });
  return { outcome: 'delivered', status: reply.status, answer: 'ok' };
}

async function open(
  api: SlackApi,
  notice: Notice,
  event: OutgoingEvent,
  room: string,
  context: SendContext,
): Promise<Attempt> {
  const sent = await api('chat.postMessage', { channel: room, unfurl_links: false, ...slackMessage(notice) });
  if (isAttempt(sent)) return sent;
  const begun: Thread = {
    channel: sent.channel ?? room,
    ts: sent.ts ?? '',
    last_event: event.id,
    charted: false,
  };
  if (begun.ts && notice.phase !== 'test') await context.memory?.write(begun);
  return notice.phase === 'test'
    ? { outcome: 'delivered', status: sent.status, answer: 'ok' }
    : finish(api, notice, begun, context);
}

/** The first message says how it stands now. Somebody may have deleted it: then there is a new one. */
async function edit(
  api: SlackApi,
  notice: Notice,
  { channel: room, ts }: Thread,
): Promise<{ attempt: Attempt; gone: boolean }> {
  const reply = await api('chat.update', { channel: room, ts, ...slackMessage(notice) });
  if (!isAttempt(reply)) return { attempt: { outcome: 'delivered', status: reply.status }, gone: false };
  const gone = /message_not_found|thread_not_found/.test(reply.answer ?? '');
  // A message too old to be edited stays as it is; the reply in its thread still tells.
  const tooLate = /edit_window_closed|cant_update_message/.test(reply.answer ?? '');
  return { attempt: tooLate ? { outcome: 'delivered', status: reply.status } : reply, gone };
}

/** The chart comes after the message, in its thread. Without it the message still counts. */
async function finish(api: SlackApi, notice: Notice, begun: Thread, context: SendContext): Promise<Attempt> {
  const done: Attempt = { outcome: 'delivered', status: 200, answer: 'ok' };
  if (begun.charted || !begun.ts || notice.phase === 'resolved') return done;
  const chart = (await context.chart?.()) ?? null;
  if (!chart) return done;
  const problem = await upload(api, chart, notice, begun, context);
  if (problem) return { ...done, answer: `ok, but not the chart: ${problem}` };
  await context.memory?.write({ ...begun, charted: true });
  return done;
}

/** https://docs.slack.dev/messaging/working-with-files: ask where to, send the bytes, share it. Null when all went well. */
async function upload(
  api: SlackApi,
  png: Buffer,
  notice: Notice,
  { channel: room, ts }: Thread,
  context: SendContext,
): Promise<string | null> {
  const asked = await api('files.getUploadURLExternal', { filename: 'chart.png', length: png.length });
  if (isAttempt(asked)) return problemOf(asked);
  const { upload_url: url, file_id: id } = asked;
  if (!url || !id) return 'the answer names no place to upload it to';
  const headers = { 'content-type': 'application/octet-stream' };
  const put = await post({ url, headers, body: png }, context);
  if (!isAnswer(put)) return problemOf(put);
  if (put.status !== 200) return `the upload was answered ${put.status}`;
  const files = [{ id, title: notice.title.slice(0, 200) }];
  const shared = await api('files.completeUploadExternal', { files, channel_id: room, thread_ts: ts });
  return isAttempt(shared) ? problemOf(shared) : null;
}

const problemOf = (attempt: Attempt) => ('error' in attempt ? attempt.error : 'it failed');

const reply = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  upload_url: z.string().optional(),
  file_id: z.string().optional(),
});
type Reply = z.output<typeof reply> & { status: number };
type SlackApi = (method: string, body: Record<string, unknown>) => Promise<Reply | Attempt>;

const isAttempt = (result: Reply | Attempt): result is Attempt => 'outcome' in result;

/** Errors after which nothing that is sent with this token or to this channel will arrive. */
const forGood = ['account_inactive', 'token_revoked', 'is_archived', 'team_access_not_granted'];

/** Calls a method of the Web API. Slack answers 200 also when it refuses: what counts is `ok`. */
function slackApi({ token, api_url }: Config, context: SendContext): SlackApi {
  return async (method, body) => {
    // The one method that reads its arguments from a form only.
    const asForm = method === 'files.getUploadURLExternal';
    const contentType = asForm ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8';
    const result = await post(
      {
        url: `${api_url.replace(/\/$/, '')}/${method}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
        body: asForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body),
      },
      context,
    );
    if (!isAnswer(result)) return result;
    if (result.status !== 200) return judge(result, context.now());
    const read = reply.safeParse(parsed(result.body));
    if (!read.success) return failed(`Slack answered ${method} with something that is not its API`);
    if (read.data.ok) return { ...read.data, status: result.status };
    const { error = 'unknown_error' } = read.data;
    const said = `Slack refused ${method}: ${error}`;
    return forGood.includes(error)
      ? { outcome: 'gone', status: 200, error: said, answer: error }
      : { outcome: 'failed', status: 200, error: said, retryAfterMs: null, answer: error };
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
