import { Readable } from 'node:stream';
import { postSigned } from '#alerts/channels/webhook.ts';
import { nextWaitMs } from '#alerts/notify/backoff.ts';
import type { DeliveryContent } from '#contract/delivery.ts';
import type { Statement } from '#contract/statement.ts';
import { type Errand, type Sent, startDeliverer } from '#ledger/delivery/deliverer.ts';
import { type Spooled, spool } from '#ledger/delivery/spool.ts';
import { monthFile, rangeFile } from '#ledger/files/asked-file.ts';
import { monthOf } from '#ledger/files/month-bounds.ts';
import type { MonthFile } from '#ledger/month/month-file.ts';
import type { Job } from '#store/job.ts';
import { reportingZone } from '../asked.ts';
import type { ApiLog } from '../request-id.ts';
import { makeStatement } from '../routes/statement.ts';
import type { Services } from '../services.ts';
import { sendEmail } from './email.ts';
import { statementText } from './statement-text.ts';

const timeoutMs = 30_000;
/** Larger files are named and linked: receivers of events and mailboxes do not take them. */
const inlineBytes = 256 * 1024;
const attachedBytes = 15_000_000;

/** Sends files and statements by schedule, from the process of the API. */
export function startDeliveries(services: Services, { timers, log }: { timers: boolean; log: ApiLog }): Job {
  const { state, projectId, nowMs } = services;
  return startDeliverer(
    {
      state,
      projectId,
      clock: { now: nowMs },
      log,
      zone: () => reportingZone(services),
      make: async errand => spool(await fileOf(services, errand)),
      send: (errand, file, signal) =>
        errand.target.kind === 'webhook'
          ? sendWebhook(services, errand, file, signal)
          : mail(services, errand, file, signal),
      nextWaitMs: (attempts, retryAfterMs) => nextWaitMs(attempts, Math.random(), retryAfterMs),
    },
    { timers },
  );
}

async function fileOf(services: Services, { content, run, delivery }: Errand): Promise<MonthFile> {
  const [fromMs, toMs] = [Date.parse(run.from_at), Date.parse(run.to_at)];
  if (content.kind === 'statement') {
    const month = monthOf(toMs - 1, run.zone);
    const statement = await makeStatement(services, { ...content, month, tz: run.zone });
    return {
      name: `statement-${month}.json`,
      contentType: 'application/json',
      stream: () => Readable.from([Buffer.from(JSON.stringify(statement))]),
    };
  }
  const { format, version, where, group_by: groupBy } = content;
  // The specification knows hours and days.
  const interval = format === 'focus' && content.interval !== 'hour' ? 'day' : content.interval;
  const asked = { format, interval, version, where, groupBy, tz: run.zone };
  return delivery.schedule === 'monthly'
    ? monthFile(services.alerts, { ...asked, month: run.period, reportingZone: run.zone })
    : rangeFile(services.alerts, { ...asked, fromMs, toMs });
}

async function sendWebhook(
  { nowMs, about, baseUrl }: Services,
  { delivery, content, target, run }: Errand,
  file: Spooled,
  signal: AbortSignal,
): Promise<Sent> {
  const text = /^(text|application\/json)/.test(file.contentType);
  const bytes = file.bytes <= inlineBytes ? await file.read() : null;
  const body = {
    type: `spend.${content.kind}`,
    timestamp: run.queued_at,
    data: {
      delivery: { id: delivery.delivery_id, name: delivery.name },
      period: run.period,
      zone: run.zone,
      from: run.from_at,
      to: run.to_at,
      file: {
        name: file.name,
        content_type: file.contentType,
        bytes: file.bytes,
        sha256: file.sha256,
        encoding: text ? 'text' : 'base64',
        /** Null when it is too large for an event: fetch it from `url`. */
        content: bytes ? bytes.toString(text ? 'utf8' : 'base64') : null,
      },
      url: addressOf(baseUrl(), content, run),
    },
  };
  if (target.kind !== 'webhook') throw new Error('not a webhook');
  const attempt = await postSigned(
    target.url,
    { id: run.run_id, body: JSON.stringify(body) },
    {
      signing: [delivery.secret],
      now: nowMs,
      timeoutMs,
      signal,
      allowPrivateAddresses: about.localMode,
    },
  );
  if (attempt.outcome === 'delivered') return { outcome: 'delivered' };
  const retryAfterMs = attempt.outcome === 'failed' ? attempt.retryAfterMs : null;
  return { outcome: 'failed', error: attempt.error, retryAfterMs };
}

async function mail(
  { about, baseUrl }: Services,
  { delivery, content, target, run }: Errand,
  file: Spooled,
  signal: AbortSignal,
): Promise<Sent> {
  if (target.kind !== 'email') throw new Error('not an e-mail');
  if (!about.smtp) {
    return { outcome: 'failed', error: 'DRIFTLINE_SMTP_URL is not set', retryAfterMs: null };
  }
  const link = addressOf(baseUrl(), content, run);
  const fits = file.bytes <= attachedBytes;
  const text =
    content.kind === 'statement'
      ? statementText(JSON.parse((await file.read()).toString()) as Statement)
      : `Spend of ${run.period} (${run.zone}): ${file.name}, ${file.bytes} bytes, SHA-256 ${file.sha256}.${fits ? '' : ' It is too large to be attached.'}`;
  return sendEmail(
    about.smtp,
    {
      id: run.run_id,
      to: target.to,
      subject: `${delivery.name}: ${run.period}`,
      text: `${text}\n\n${link}\n`,
      attachment:
        content.kind === 'export' && fits
          ? { name: file.name, contentType: file.contentType, stream: file.stream() }
          : null,
    },
    { timeoutMs, signal },
  );
}

/** The page of a statement; the file of an export, for those who have a key. */
function addressOf(baseUrl: string, content: DeliveryContent, run: Errand['run']): string {
  if (content.kind === 'statement') {
    const month = monthOf(Date.parse(run.to_at) - 1, run.zone);
    return new URL(`/statement?${new URLSearchParams({ month, [content.by]: content.value })}`, baseUrl).href;
  }
  const where = content.where
    .map(({ dimension, value }) => `${dimension}:${value.replaceAll(/[\\,]/g, '\\$&')}`)
    .join(',');
  const query = {
    format: content.format,
    interval: content.interval,
    group_by: content.group_by.join(','),
    version: content.version,
    where,
    tz: run.zone,
    ...(/^\d{4}-\d\d$/.test(run.period) ? { month: run.period } : { from: run.from_at, to: run.to_at }),
  };
  return new URL(`/api/v1/export/spend?${new URLSearchParams(query)}`, baseUrl).href;
}
