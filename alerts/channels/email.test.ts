import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertEvent, chartSvg, hostileName, sendContext } from '../../test/support/alert-events.ts';
import { attachments, type Mailbox, startMailbox } from '../../test/support/mailbox.ts';
import { pngOf } from '../notify/chart-image.ts';
import { email } from './email.ts';

let mailbox: Mailbox;
beforeEach(async () => {
  mailbox = await startMailbox();
});
afterEach(() => mailbox.stop());

const to = ['oncall@example.com', 'lead@example.com'];
const smtp = () => ({ url: mailbox.url, from: 'Driftline <alerts@example.com>' });
const header = (source: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(source)?.[1]?.replaceAll(/\s+/g, ' ').trim() ??
  null;

test('an incident is one conversation: text, HTML and the chart in it', async () => {
  const context = sendContext({ smtp: smtp(), chart: async () => pngOf(chartSvg, 640) });
  for (const [n, type] of ['firing', 'acknowledged', 'resolved'].entries()) {
    const attempt = await email.send(alertEvent(`incident.${type}`, n + 1), { to }, context);
    expect(attempt).toMatchObject({
      outcome: 'delivered',
      status: 250,
      answer: expect.stringMatching(/^250/),
    });
  }
  const [first, second, third] = mailbox.received.map(({ source }) => source);
  expect(mailbox.received[0]).toMatchObject({ from: 'alerts@example.com', to });
  const root = header(first!, 'Message-ID');
  expect(root).toMatch(/^<[0-9a-f]{32}@driftline>$/);
  expect(header(first!, 'References')).toBeNull();
  for (const reply of [second, third]) {
    expect(header(reply!, 'References')).toBe(root);
    expect(header(reply!, 'In-Reply-To')).toBe(root);
    expect(header(reply!, 'Message-ID')).not.toBe(root);
  }
  expect(first).toContain('Content-Type: multipart/alternative');
  expect(first).toMatch(/Content-Disposition: inline/);
  expect(first).toContain('cid:chart');
  expect(attachments(mailbox.received[0]!).get('chart.png')?.subarray(1, 4).toString()).toBe('PNG');
  // Short: what an on-call person reads on a lock screen comes first.
  expect(header(first!, 'Auto-Submitted')).toBe('auto-generated');
  expect(decoded(first!)).toContain('Since: 14:02 UTC, 21 Nov');
  expect(decoded(first!)).toContain('Explain: https://driftline.example/a/inc_1');
  expect(decoded(header(third!, 'Subject')!)).toMatch(/^Resolved: /);
});

test('the same event has the same Message-ID on every attempt', async () => {
  const context = sendContext({ smtp: smtp() });
  mailbox.refuses = true;
  expect(await email.send(alertEvent('incident.firing'), { to }, context)).toMatchObject({
    outcome: 'failed',
    status: 451,
    error: expect.stringContaining('come back later'),
  });
  mailbox.refuses = false;
  await email.send(alertEvent('incident.firing'), { to }, context);
  await email.send(alertEvent('incident.firing'), { to }, context);
  const ids = mailbox.received.map(({ source }) => header(source, 'Message-ID'));
  expect(new Set(ids).size).toBe(1);
});

test('names can neither add headers nor markup', async () => {
  const title = `Quality of ${hostileName}\r\nBcc: thief@evil.example`;
  await email.send(
    alertEvent('incident.firing', 1, { title }),
    { to: to.slice(0, 1) },
    sendContext({ smtp: smtp() }),
  );
  const [mail] = mailbox.received;
  expect(mail!.to).toEqual(['oncall@example.com']);
  expect(mail!.source).not.toMatch(/^bcc:/im);
  expect(decoded(mail!.source)).toContain('&lt;script&gt;');
  expect(decoded(mail!.source).split('text/html')[1]).not.toContain('<script');
});

test('no server, an unreachable one, one inside and one that hangs are failed attempts', async () => {
  const send = (config: object, more = {}) =>
    email.send(alertEvent('incident.firing'), { to, ...config }, sendContext({ timeoutMs: 300, ...more }));
  expect(await send({})).toMatchObject({ error: expect.stringContaining('DRIFTLINE_SMTP_URL') });
  expect(await send({ smtp_url: mailbox.url }, { allowPrivateAddresses: false })).toMatchObject({
    outcome: 'failed',
    error: '127.0.0.1 is a private address',
  });
  expect(mailbox.received).toHaveLength(0);
  const { createServer } = await import('node:net');
  const silent = createServer(() => {});
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const hung = await send({ smtp_url: `smtp://user:hunter2secret@127.0.0.1:${port}` });
  expect(hung).toMatchObject({ outcome: 'failed', status: null });
  expect(JSON.stringify(hung)).not.toContain('hunter2secret');
  await new Promise(resolve => silent.close(resolve));
  expect(await send({ smtp_url: `smtp://127.0.0.1:${port}` })).toMatchObject({ outcome: 'failed' });
});

/** Quoted-printable and encoded words, as far as these messages use them. */
function decoded(source: string): string {
  const bytes = (hex: string) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString('utf8');
  return source
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/(?:=[0-9A-F]{2})+/g, bytes)
    .replaceAll(/=\?UTF-8\?Q\?(.*?)\?=\s*/gi, (_, text: string) => text.replaceAll('_', ' '));
}
