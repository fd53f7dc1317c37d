import { z } from 'zod';
import { channel, field } from './channel.ts';
import { cut, type Notice, readNotice } from './notice.ts';
import { postJson } from './post.ts';
import { webAddress } from './webhook.ts';

const priorities = ['P1', 'P2', 'P3', 'P4', 'P5'] as const;

/** Alert API v2 (https://docs.opsgenie.com/docs/alert-api): one alert for each incident, found by its alias. */
export const opsgenie = channel({
  label: 'Opsgenie',
  about: 'Opens, notes, acknowledges and closes one alert for each incident (Alert API v2).',
  fields: [
    field('api_key', 'API key', {
      secret: true,
      required: true,
      help: 'Of an API integration that may create and update alerts.',
    }),
    field('team', 'Team', { help: 'Who is responsible; empty: as the integration says.' }),
    field('priority', 'Priority', {
      type: 'choice',
      default: 'auto',
      options: [
        { value: 'auto', label: 'By severity' },
        ...priorities.map(value => ({ value, label: value })),
      ],
    }),
    field('api_url', 'API address', {
      type: 'url',
      default: 'https://api.opsgenie.com',
      help: 'In the EU: https://api.eu.opsgenie.com',
    }),
  ],
  config: z.object({
    api_key: z.string().min(10, 'the key is too short'),
    team: z.string().max(100).optional(),
    priority: z.enum(['auto', ...priorities]).default('auto'),
    api_url: webAddress.default('https://api.opsgenie.com'),
  }),
  target: ({ team, api_url }) => team ?? new URL(api_url).host,
  send(event, { api_key, team, priority, api_url }, context) {
    const notice = readNotice(event);
    const headers = { authorization: `GenieKey ${api_key}` };
    const alerts = new URL('/v2/alerts', api_url).href;
    const alert = `${alerts}/${encodeURIComponent(notice.key)}`;
    const note = { source: 'Driftline', user: 'Driftline', note: cut(noteOf(notice), 25_000) };
    if (notice.phase === 'resolved') {
      return postJson(`${alert}/close?identifierType=alias`, note, context, headers);
    }
    if (notice.phase === 'acknowledged') {
      return postJson(`${alert}/acknowledge?identifierType=alias`, note, context, headers);
    }
    if (notice.phase === 'note' || notice.phase === 'updated') {
      return postJson(`${alert}/notes?identifierType=alias`, note, context, headers);
    }
    return postJson(alerts, newAlert(notice, team, priority), context, headers);
  },
});

function newAlert(notice: Notice, team: string | undefined, priority: string): object {
  const { links, facts, severity } = notice;
  return {
    message: cut(notice.title, 130),
    alias: notice.key,
    description: cut(
      [noteOf(notice), ...links.map(({ label, url }) => `${label}: ${url}`)].join('\n'),
      15_000,
    ),
    ...(team && { responders: [{ name: team, type: 'team' }] }),
    tags: [notice.metric, notice.environment].filter(Boolean).map(tag => cut(tag, 50)),
    details: Object.fromEntries(facts.map(({ label, value }) => [label, cut(value, 500)])),
    ...(notice.feature && { entity: cut(notice.feature, 512) }),
    source: 'Driftline',
    priority:
      priority === 'auto' ? { critical: 'P1', error: 'P2', warning: 'P3', info: 'P5' }[severity] : priority,
  };
}

function noteOf({ headline, facts, detail }: Notice): string {
  return [headline, ...facts.map(({ label, value }) => `${label}: ${value}`), detail]
    .filter(Boolean)
    .join('\n');
}
