import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { type Attempt, channel, failed, field, type OutgoingEvent, type SendContext } from './channel.ts';
import { emailHtml, emailSubject, emailText } from './email-text.ts';
import { readNotice } from './notice.ts';
import { publicLookup, refusedHost } from './private-addresses.ts';

const config = z.object({
  to: z.array(z.email('not an e-mail address')).min(1, 'at least one address').max(50),
  from: z.string().min(3).max(200).optional(),
  smtp_url: z.url({ protocol: /^smtps?$/, error: 'smtp://user:password@host:587, or smtps' }).optional(),
});
type Config = z.output<typeof config>;

/** One short message for each event; those of one incident are one conversation in every mail program. */
export const email = channel({
  label: 'E-mail',
  about: 'A short message for each event with the chart in it; one conversation for each incident.',
  fields: [
    field('to', 'To', { type: 'list', required: true, placeholder: 'oncall@example.com' }),
    field('from', 'From', {
      placeholder: 'Driftline <driftline@example.com>',
      help: 'Empty: DRIFTLINE_SMTP_FROM.',
    }),
    field('smtp_url', 'SMTP server', {
      secret: true,
      placeholder: 'smtp://user:password@mail.example.com:587',
      help: 'Empty: DRIFTLINE_SMTP_URL.',
    }),
  ],
  config,
  target: ({ to }) => (to.length > 1 ? `${to[0]} and ${to.length - 1} more` : (to[0] ?? '')),
  send,
});

async function send(event: OutgoingEvent, given: Config, context: SendContext): Promise<Attempt> {
  const url = given.smtp_url ?? context.smtp?.url;
  if (!url) return failed('there is no SMTP server: set one here, or DRIFTLINE_SMTP_URL');
  // The server of the installation was chosen by who runs it, and often is inside.
  const checked = given.smtp_url && !context.allowPrivateAddresses;
  try {
    const server = serverOf(url, checked ? await publicAddress(new URL(url).hostname) : null);
    return await handOver(event, given, server, context);
  } catch (error) {
    return failedMail(error);
  }
}

async function handOver(
  event: OutgoingEvent,
  { to, from }: Config,
  server: object,
  context: SendContext,
): Promise<Attempt> {
  const notice = readNotice(event);
  const ids = await threadIds(event, notice.key, context);
  const chart = notice.phase === 'test' ? null : ((await context.chart?.()) ?? null);
  const { timeoutMs, signal } = context;
  const transport = createTransport({
    ...server,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const hangUp = () => transport.close();
  const late = setTimeout(hangUp, timeoutMs);
  signal.addEventListener('abort', hangUp);
  try {
    const sent = await within(
      transport.sendMail({
        from: from ?? context.smtp?.from ?? 'Driftline <driftline@localhost>',
        to,
        subject: emailSubject(notice),
        text: emailText(notice),
        html: emailHtml(notice, chart !== null),
        messageId: ids.own,
        ...(ids.root !== ids.own && { inReplyTo: ids.root, references: ids.root }),
        // Vacation notices need not answer a machine.
        headers: { 'Auto-Submitted': 'auto-generated' },
        attachments: chart
          ? [
              {
                filename: 'chart.png',
                content: chart,
                contentType: 'image/png',
                cid: 'chart',
                contentDisposition: 'inline',
              },
            ]
          : [],
      }),
      timeoutMs,
      signal,
    );
    await context.memory?.write({ root: ids.root });
    return { outcome: 'delivered', status: 250, answer: sent.response.slice(0, 300) };
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', hangUp);
    transport.close();
  }
}

/** A transport that is closed may leave its promise open. */
async function within<Result>(
  work: Promise<Result>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Result> {
  let stop = () => {};
  const end = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const aborted = () => reject(new Error('stopped'));
    signal.addEventListener('abort', aborted);
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
  });
  work.catch(() => {});
  return Promise.race([work, end]).finally(stop);
}

/** Message-IDs: an event's own is the same on every attempt; the first event of an incident begins the conversation. */
async function threadIds(event: OutgoingEvent, key: string, { memory }: SendContext) {
  const known = z.object({ root: z.string() }).safeParse(await memory?.read());
  const name = createHash('sha256')
    .update(JSON.stringify([key, event.id]))
    .digest('hex')
    .slice(0, 32);
  const own = `<${name}@driftline>`;
  return { own, root: known.success ? known.data.root : own };
}

/** What nodemailer connects to: the address that was checked, by the name its certificate is for. */
function serverOf(url: string, address: string | null): object {
  if (!address) return { url };
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  return {
    host: address,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    tls: isIP(hostname) ? {} : { servername: hostname },
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

function publicAddress(hostname: string): Promise<string> {
  const refused = refusedHost(hostname);
  if (refused) return Promise.reject(new Error(refused));
  return new Promise((resolve, reject) => {
    publicLookup(hostname, {}, (error, address) => (error ? reject(error) : resolve(String(address))));
  });
}

/** A 5xx answer is kept as a status, so that a person sees what the server refused. */
function failedMail(error: unknown): Attempt {
  const said = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number'
      ? error.responseCode
      : null;
  return { outcome: 'failed', status: code, error: said.slice(0, 500), retryAfterMs: null, answer: null };
}
