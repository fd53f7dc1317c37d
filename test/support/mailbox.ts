import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** As it came: headers and parts. */
  source: string;
}

export interface Mailbox {
  url: string;
  received: ReceivedMail[];
  /** While true every message is refused for now. */
  refuses: boolean;
  stop(): Promise<void>;
}

/** A real SMTP server on a free loopback port that keeps what it is given. */
export async function startMailbox(): Promise<Mailbox> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (mailbox.refuses) return done(Object.assign(new Error('come back later'), { responseCode: 451 }));
        const { mailFrom, rcptTo } = session.envelope;
        mailbox.received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString(),
        });
        return done();
      });
    },
  });
  const listening = await new Promise<ReturnType<typeof server.listen>>(resolve => {
    const opened = server.listen(0, '127.0.0.1', () => resolve(opened));
  });
  const { port } = listening.address() as AddressInfo;
  const mailbox: Mailbox = {
    url: `smtp://127.0.0.1:${port}`,
    received: [],
    refuses: false,
    stop: () => new Promise(resolve => server.close(() => resolve())),
  };
  return mailbox;
}

/** The decoded parts of a message in base64 by the name of their file. */
export function attachments({ source }: ReceivedMail): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const part of source.split(/\r\n--[^\r\n]+/)) {
    const name = /filename="?([^"\r\n]+)"?/.exec(part)?.[1];
    const [, body = ''] = part.split('\r\n\r\n');
    if (name && /transfer-encoding: base64/i.test(part)) found.set(name, Buffer.from(body, 'base64'));
  }
  return found;
}
