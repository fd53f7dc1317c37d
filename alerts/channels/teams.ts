import { z } from 'zod';
import { channel, field } from './channel.ts';
import { cut, type Notice, readNotice } from './notice.ts';
import { postJson } from './post.ts';
import { webAddress } from './webhook.ts';

/** A Teams workflow "when a webhook request is received": takes a message with an Adaptive Card, at most 28 KB. */
export const teams = channel({
  label: 'Microsoft Teams',
  about: 'A card for every event, through a Teams workflow.',
  fields: [
    field('webhook_url', 'Workflow address', {
      type: 'url',
      secret: true,
      required: true,
      placeholder: 'https://….logic.azure.com/workflows/…',
      help: 'From the workflow "Post to a channel when a webhook request is received".',
    }),
  ],
  config: z.object({ webhook_url: webAddress }),
  target: ({ webhook_url }) => new URL(webhook_url).host,
  send: (event, { webhook_url }, context) => postJson(webhook_url, teamsMessage(readNotice(event)), context),
});

function teamsMessage(notice: Notice): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      paragraph(cut(notice.headline, 1000), { weight: 'Bolder', size: 'Medium', color: colorOf(notice) }),
      ...notice.facts.map(({ label, value }) => line(label, cut(value, 1000))),
      ...(notice.detail ? [paragraph(cut(notice.detail, 2000))] : []),
    ],
    actions: notice.links.map(({ label, url }) => ({ type: 'Action.OpenUrl', title: label, url })),
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return { type: 'message', attachments: [attachment] };
}

/** Runs of text are shown as they are; a TextBlock would read Markdown in the names that senders choose. */
const paragraph = (text: string, look: object = {}) => richText([{ type: 'TextRun', text, ...look }]);

const line = (label: string, text: string) =>
  richText([
    { type: 'TextRun', text: `${label}: `, isSubtle: true },
    { type: 'TextRun', text },
  ]);

const richText = (inlines: object[]) => ({ type: 'RichTextBlock', spacing: 'Small', inlines });

function colorOf({ phase, severity }: Notice): string {
  if (phase === 'resolved') return 'Good';
  if (phase === 'test') return 'Default';
  return severity === 'critical' || severity === 'error' ? 'Attention' : 'Warning';
}
