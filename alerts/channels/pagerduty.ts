import { z } from 'zod';
import { channel, field } from './channel.ts';
import { cut, type Notice, readNotice } from './notice.ts';
import { postJson } from './post.ts';
import { webAddress } from './webhook.ts';

/** Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview): one alert for each incident. */
export const pagerduty = channel({
  label: 'PagerDuty',
  about: 'Triggers, acknowledges and resolves one alert for each incident (Events API v2).',
  fields: [
    field('routing_key', 'Integration key', {
      secret: true,
      required: true,
      help: 'Of an Events API v2 integration of the service: 32 characters.',
    }),
    field('api_url', 'API address', {
      type: 'url',
      default: 'https://events.pagerduty.com',
      help: 'In the EU: https://events.eu.pagerduty.com',
    }),
  ],
  config: z.object({
    routing_key: z.string().regex(/^[A-Za-z0-9]{32}$/, 'an integration key has 32 letters and digits'),
    api_url: webAddress.default('https://events.pagerduty.com'),
  }),
  target: ({ api_url }) => new URL(api_url).host,
  // A remark about an incident would trigger it again.
  takes: ({ phase }) => phase !== 'note',
  send: (event, { routing_key, api_url }, context) =>
    postJson(new URL('/v2/enqueue', api_url).href, pagerdutyEvent(readNotice(event), routing_key), context),
});

const actions = { acknowledged: 'acknowledge', resolved: 'resolve' } as const;

function pagerdutyEvent(notice: Notice, routingKey: string): object {
  const { phase, key } = notice;
  const action = phase === 'acknowledged' || phase === 'resolved' ? actions[phase] : 'trigger';
  const event = { routing_key: routingKey, event_action: action, dedup_key: key };
  if (action !== 'trigger') return event;
  const details = notice.facts.map(({ label, value }) => [label, cut(value, 1000)]);
  return {
    ...event,
    client: 'Driftline',
    ...(notice.links[0] && { client_url: notice.links[0].url }),
    links: notice.links.map(({ label, url }) => ({ href: url, text: label })),
    payload: {
      summary: cut(notice.title, 1024),
      source: cut(notice.feature || 'Driftline', 255),
      severity: notice.severity,
      ...(notice.at && { timestamp: notice.at }),
      ...(notice.feature && { component: cut(notice.feature, 255) }),
      ...(notice.environment && { group: cut(notice.environment, 255) }),
      ...(notice.metric && { class: cut(notice.metric, 255) }),
      custom_details: {
        ...Object.fromEntries(details),
        ...(notice.detail && { Detail: cut(notice.detail, 2000) }),
      },
    },
  };
}
