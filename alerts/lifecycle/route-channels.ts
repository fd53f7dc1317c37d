import type { AlertRoute, Routing } from '#contract/route.ts';
import { type ChannelRow, listChannels } from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import { writeSetting } from '#store/state/settings.ts';
import { nameOfChannel } from '../notify/channel-name.ts';
import { readRouting } from './routing.ts';

/** Where routes name a channel that there is not; `path` within the routing. */
export class UnknownChannelError extends Error {
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[]) {
    super(message);
    this.path = path;
  }
}

const namesOf = (row: ChannelRow) => [row.channel_id, nameOfChannel(row)];

/** Throws `UnknownChannelError` for a route or escalation to a channel there is not: it would tell nobody. */
export async function checkChannels(db: StateDb, { routes }: Pick<Routing, 'routes'>): Promise<void> {
  const rows = await listChannels(db);
  const known = new Set(rows.flatMap(namesOf));
  const check = (names: readonly string[], route: AlertRoute, path: (string | number)[]) => {
    const at = names.findIndex(name => !known.has(name));
    if (at < 0) return;
    const there = rows.map(row => `"${nameOfChannel(row)}"`).join(', ') || 'none yet';
    throw new UnknownChannelError(
      `route ${route.name}: there is no channel "${names[at]}"; there are ${there}`,
      [...path, at],
    );
  };
  for (const [index, route] of routes.entries()) {
    check(route.channels ?? [], route, ['routes', index, 'channels']);
    for (const [step, { channels }] of route.escalation.entries())
      check(channels, route, ['routes', index, 'escalation', step, 'channels']);
  }
}

/** Names of the routes that name a channel, by its id or by what it is called. */
export function routesNaming(routes: readonly AlertRoute[], row: ChannelRow): string[] {
  const names = namesOf(row);
  return routes.filter(route => everyName(route).some(name => names.includes(name))).map(({ name }) => name);
}

const everyName = ({ channels, escalation }: AlertRoute): string[] => [
  ...(channels ?? []),
  ...escalation.flatMap(step => step.channels),
];

/** Lets the routes that call a channel `from` call it `to`; for the transaction that renames it. */
export async function renameInRoutes(db: StateDb, from: string, to: string): Promise<void> {
  const routing = await readRouting(db);
  if (from === to || !routing.routes.some(route => everyName(route).includes(from))) return;
  const renamed = (names: readonly string[]) => names.map(name => (name === from ? to : name));
  const routes = routing.routes.map(route => ({
    ...route,
    channels: route.channels && renamed(route.channels),
    escalation: route.escalation.map(step => ({ ...step, channels: renamed(step.channels) })),
  }));
  await writeSetting(db, 'routing', { ...routing, routes });
}
