import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { Sent } from '#ledger/delivery/deliverer.ts';

/** Where e-mail is handed over, and who it is from. */
export interface Smtp {
  /** `smtp://user:password@host:587`, or smtps. */
  url: string;
  from: string;
}

export interface Email {
  /** Constant across retries: what arrives twice can be told by its Message-ID. */
  id: string;
  to: readonly string[];
  subject: string;
  text: string;
  attachment: { name: string; contentType: string; stream: Readable } | null;
}

/** Hands a message to the SMTP server, once. Rejected by it, or not reached: a failed attempt. */
export async function sendEmail(
  { url, from }: Smtp,
  { id, to, subject, text, attachment }: Email,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Sent> {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const hangUp = () => transport.close();
  signal.addEventListener('abort', hangUp);
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject,
      text,
      messageId: `<${id}@driftline>`,
      attachments: attachment
        ? [{ filename: attachment.name, contentType: attachment.contentType, content: attachment.stream }]
        : [],
    });
    return { outcome: 'delivered' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { outcome: 'failed', error: why, retryAfterMs: null };
  } finally {
    signal.removeEventListener('abort', hangUp);
    transport.close();
  }
}
