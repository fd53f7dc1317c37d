import { z } from 'zod';
import { type Attempt, channel, field, type OutgoingEvent, type SendContext } from './channel.ts';
import { httpBody } from './http-body.ts';
import { isAnswer, judge, post } from './post.ts';
import { webAddress } from './webhook.ts';

const longestTemplate = 20_000;
const headerLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[^\r\n\0]*$/;

const headerLines = z
  .string()
  .max(5000)
  .refine(
    text => linesOf(text).every(line => headerLine.test(line)),
    'one header a line, as in "Authorization: Bearer …"',
  );

const config = z.object({
  url: webAddress,
  method: z.enum(['POST', 'PUT']).default('POST'),
  content_type: z
    .enum(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
    .default('application/json'),
  template: z.string().max(longestTemplate).optional(),
  headers: headerLines.optional(),
});

/** Anything with an HTTP API: a body from a template. One that cannot be filled is replaced by the built-in text. */
export const http = channel({
  label: 'HTTP request',
  about: 'A request of your own making, with a body from a template.',
  fields: [
    field('url', 'Address', { type: 'url', required: true, placeholder: 'https://example.com/alerts' }),
    field('method', 'Method', {
      type: 'choice',
      default: 'POST',
      options: ['POST', 'PUT'].map(value => ({ value, label: value })),
    }),
    field('content_type', 'Content type', {
      type: 'choice',
      default: 'application/json',
      options: ['application/json', 'application/x-www-form-urlencoded', 'text/plain'].map(value => ({
        value,
        label: value,
      })),
    }),
    field('headers', 'Headers', {
      type: 'multiline',
      secret: true,
      placeholder: 'Authorization: Bearer …',
      help: 'One a line.',
    }),
    field('template', 'Body', {
      type: 'multiline',
      placeholder: '{"text": "{{headline}}", "link": "{{url}}"}',
      help: 'Empty: the built-in text. Values in {{…}} are escaped for the content type.',
    }),
  ],
  config,
  target: ({ url }) => new URL(url).host,
  send,
});

async function send(
  event: OutgoingEvent,
  { url, method, content_type, template, headers }: z.output<typeof config>,
  context: SendContext,
): Promise<Attempt> {
  const { body, error } = httpBody(event, content_type, template ?? '');
  const given = linesOf(headers ?? '').map(line => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  // What frames the request is ours to say.
  const own = given.filter(
    ([name]) => !['content-length', 'host', 'transfer-encoding', 'connection'].includes(name),
  );
  const result = await post(
    { url, method, headers: { ...Object.fromEntries(own), 'content-type': content_type }, body },
    context,
  );
  const attempt = isAnswer(result) ? judge(result, context.now()) : result;
  if (!error) return attempt;
  const note = `the template failed (${error}), so the built-in text was sent`;
  return { ...attempt, answer: [note, attempt.answer].filter(Boolean).join('; ') };
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter(line => line.trim() !== '');
}
