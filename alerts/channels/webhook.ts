import { z } from 'zod';
import { type Attempt, channel, failed, field, type OutgoingEvent, type SendContext } from './channel.ts';
import { isAnswer, judge, post } from './post.ts';
import { signedHeaders } from './standard-webhooks.ts';

export const webAddress = z.url({ protocol: /^https?$/, error: 'a web address is needed' });

/**
 * POSTs the event, signed after Standard Webhooks. Any 2xx is delivered; redirects are not followed (a signed
 * event must not end up elsewhere) and count as failed; 410 means "stop".
 */
export const webhook = channel({
  label: 'Webhook',
  about: 'Every event as JSON, signed after Standard Webhooks.',
  signed: true,
  fields: [
    field('url', 'Address', {
      type: 'url',
      required: true,
      placeholder: 'https://example.com/hooks/driftline',
    }),
  ],
  config: z.object({ url: webAddress }),
  target: ({ url }) => new URL(url).host,
  send: (event, { url }, context) => postSigned(url, event, context),
});

/** POSTs `event.body` as it is, signed. */
export async function postSigned(url: string, event: OutgoingEvent, context: SendContext): Promise<Attempt> {
  const timestamp = Math.floor(context.now() / 1000);
  let signature: Record<string, string>;
  try {
    signature = signedHeaders({ id: event.id, timestamp, body: event.body }, context.signing);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const headers = { 'content-type': 'application/json', ...signature };
  const result = await post({ url, headers, body: event.body }, context);
  return isAnswer(result) ? judge(result, context.now()) : result;
}
