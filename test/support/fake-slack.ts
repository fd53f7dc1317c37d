import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { schemaErrors } from './published-schema.ts';

interface SlackMessage {
  ts: string;
  thread_ts: string | undefined;
  text: string;
  blocks: string;
}

export interface FakeSlack extends HttpReceiver {
  /** What a reader of the channel sees, oldest first. */
  messages: SlackMessage[];
  files: { id: string; title: string; bytes: Buffer; thread_ts: string | undefined }[];
  /** Method calls in order. */
  calls: string[];
  /** Payloads that are not as the documentation wants them. */
  violations: string[];
  /** Refuses calls of a method with this error of the API. */
  refuse: Map<string, string>;
  /** Answers the next calls with this status instead. */
  httpStatus: { status: number; headers?: Record<string, string> } | null;
}

const token = 'xoxb-0123456789-test-token';
export const fakeSlackToken = token;

/** The methods of Slack's Web API that Driftline uses, with its habits: 200 and `ok: false` when it refuses. */
export async function startFakeSlack(): Promise<FakeSlack> {
  let clock = 1_700_000_000;
  const uploads = new Map<string, Buffer>();
  const server = await startHttpReceiver(({ path, headers, body, method: verb }) => {
    if (path.startsWith('/upload/')) {
      uploads.set(path.slice('/upload/'.length), body);
      return { status: 200, body: `OK - ${body.length}` };
    }
    const method = path.replace('/api/', '');
    slack.calls.push(method);
    if (slack.httpStatus) return slack.httpStatus;
    if (verb !== 'POST' || headers.authorization !== `Bearer ${token}`) return refusal('invalid_auth');
    const error = slack.refuse.get(method);
    if (error) return refusal(error);
    return handle(method, body.toString(), String(headers['content-type']));
  });

  const refusal = (error: string) => ({ status: 200, body: { ok: false, error } });
  const check = (schema: string, payload: unknown) =>
    slack.violations.push(...schemaErrors(schema, payload).map(what => `${schema}${what}`));

  function handle(method: string, body: string, contentType: string) {
    if (method === 'files.getUploadURLExternal') {
      if (!contentType.startsWith('application/x-www-form-urlencoded')) return refusal('invalid_arguments');
      const form = new URLSearchParams(body);
      if (!form.get('filename') || !(Number(form.get('length')) > 0)) return refusal('invalid_arguments');
      const file_id = `F${uploads.size + 1}`;
      uploads.set(file_id, Buffer.alloc(0));
      return { status: 200, body: { ok: true, upload_url: `${server.url}/upload/${file_id}`, file_id } };
    }
    const payload = JSON.parse(body) as Record<string, unknown>;
    if (method === 'files.completeUploadExternal') {
      check('slack-complete-upload', payload);
      for (const { id, title } of payload.files as { id: string; title: string }[]) {
        slack.files.push({ id, title, bytes: uploads.get(id)!, thread_ts: payload.thread_ts as string });
      }
      return { status: 200, body: { ok: true, files: payload.files } };
    }
    check('slack-message', payload);
    const said = { text: String(payload.text), blocks: JSON.stringify(payload.blocks) };
    if (method === 'chat.update') {
      const known = slack.messages.find(({ ts }) => ts === payload.ts);
      if (!known) return refusal('message_not_found');
      Object.assign(known, said);
      return { status: 200, body: { ok: true, channel: payload.channel, ts: known.ts } };
    }
    if (method !== 'chat.postMessage') return refusal('unknown_method');
    clock += 1;
    const ts = `${clock}.000100`;
    slack.messages.push({ ts, thread_ts: payload.thread_ts as string | undefined, ...said });
    return { status: 200, body: { ok: true, channel: 'C0ALERTS', ts } };
  }

  const slack: FakeSlack = {
    ...server,
    messages: [],
    files: [],
    calls: [],
    violations: [],
    refuse: new Map(),
    httpStatus: null,
  };
  return slack;
}
