import { httpBody } from '#alerts/channels/http-body.ts';
import { channelOf } from '#alerts/channels/index.ts';
import { nameOfChannel } from '#alerts/notify/channel-name.ts';
import { sampleEvents } from '#alerts/notify/sample-events.ts';
import type { ChannelSettings } from '#contract/channel.ts';
import { type ChannelRow, readSecrets } from '#store/state/channels.ts';
import { HttpProblem } from '../problem.ts';

interface Given {
  settings: ChannelSettings;
  secrets: ChannelSettings;
}

/**
 * What was given, each value where it belongs: a secret that somebody writes among the settings is kept as a secret.
 * Secrets that are not given stay, empty ones go. Throws a problem for a field there is not, and for values that do not do.
 */
export function sorted(
  kind: string,
  settings: ChannelSettings,
  secrets: ChannelSettings,
  known: ChannelSettings,
): Given {
  const channel = channelOf(kind);
  if (!channel) throw new HttpProblem(400, `Channels of kind "${kind}" are not known to this version.`);
  const names = new Map(channel.fields.map(({ name, secret }) => [name, secret]));
  const result: Given = { settings: {}, secrets: { ...known } };
  for (const [name, value] of Object.entries({ ...settings, ...secrets })) {
    const isSecret = names.get(name);
    if (isSecret === undefined) {
      throw new HttpProblem(400, `${name}: no such setting; there are ${[...names.keys()].join(', ')}`);
    }
    const text = typeof value === 'string' ? value.trim() : value.map(one => one.trim()).filter(Boolean);
    result[isSecret ? 'secrets' : 'settings'][name] = text;
  }
  for (const part of [result.settings, result.secrets]) {
    for (const [name, value] of Object.entries(part)) if (value.length === 0) delete part[name];
  }
  const problem = channel.problem({ ...result.settings, ...result.secrets });
  if (problem) throw new HttpProblem(400, problem);
  return result;
}

/** A template is rendered with samples before it is saved: it must not be found out when something is wrong. */
export function checkTemplate(kind: string, { settings, secrets }: Given, baseUrl: string): void {
  if (kind !== 'http') return;
  const { template = '', content_type = 'application/json' } = { ...settings, ...secrets };
  for (const { type, event } of sampleEvents(baseUrl)) {
    const { error } = httpBody(event, String(content_type), String(template));
    if (error) throw new HttpProblem(400, `template: with a sample of ${type}: ${error}`);
  }
}

/** Routes name channels, so two may not have one name. */
export function checkName(name: string, rows: readonly ChannelRow[], ownId: string | null): void {
  if (name === '') return;
  const taken = rows.some(row => row.channel_id !== ownId && nameOfChannel(row) === name);
  if (taken) throw new HttpProblem(409, `name: there is a channel called "${name}"`);
}

/** The name, or with a number behind it when there is one of that name. */
export function freeName(name: string, rows: readonly ChannelRow[]): string {
  const taken = new Set(rows.map(nameOfChannel));
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}

/** The `secret` column with other values; what signs stays. */
export function withSecrets(secret: string, values: ChannelSettings): string {
  return JSON.stringify({ ...readSecrets(secret), values });
}
