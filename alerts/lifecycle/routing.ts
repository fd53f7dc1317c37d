import { type AlertRoute, type Matcher, type Routing, route, routing } from '#contract/route.ts';
import { type ChannelRow, listChannels } from '#store/state/channels.ts';
import type { StateDb } from '#store/state/open.ts';
import { readSetting } from '#store/state/settings.ts';
import { nameOfChannel } from '../notify/channel-name.ts';
import { type AlertLabels, routeOf } from './match.ts';

/** The last resort: every channel that is switched on. */
export const defaultRoute: AlertRoute = route.parse({ name: 'default' });

const everything: Matcher[] = (['feature', 'model', 'environment'] as const).map(label => ({
  label,
  op: '=',
  value: '',
}));
const slow: Matcher[] = [
  { label: 'kind', op: '=', value: 'threshold' },
  { label: 'metric', op: 'like', value: 'latency_*' },
];
const silent: Matcher = { label: 'reason', op: '=', value: 'no_data' };
const failing: Matcher = { label: 'metric', op: '=', value: 'error_rate' };

/** What is silent or fails says more than what follows from it: calls that time out are slow, too. */
export const builtInInhibitions: Routing['inhibit'] = [
  // When nothing at all is received, nothing else that is said can be trusted.
  {
    source: [{ label: 'kind', op: '=', value: 'absence' }, ...everything],
    target: [{ label: 'kind', op: '!=', value: 'absence' }],
    equal: [],
  },
  {
    source: [{ label: 'kind', op: '=', value: 'absence' }],
    target: [{ label: 'kind', op: '!=', value: 'absence' }],
    equal: ['feature', 'environment'],
  },
  // A rule that counts calls and gets none says the same. No value of another metric says less: all calls may have failed.
  {
    source: [silent, { label: 'metric', op: '=', value: 'requests' }],
    target: [{ label: 'kind', op: '!=', value: 'absence' }],
    equal: [],
    within: ['feature', 'model', 'environment'],
  },
  {
    source: [silent, failing],
    // Of two that say the same the one that counts calls is told.
    target: [
      { label: 'kind', op: '!=', value: 'absence' },
      { label: 'metric', op: '!=', value: 'requests' },
    ],
    equal: [],
    within: ['feature', 'model', 'environment'],
  },
  { source: [failing, ...everything], target: slow, equal: [] },
  { source: [failing], target: slow, equal: ['feature', 'model', 'environment'] },
  // Drift of the share of errors; the latency that drifts with it is in the same incident already.
  {
    source: [{ label: 'metric', op: '=', value: 'error' }],
    target: slow,
    equal: ['feature', 'environment'],
  },
];

export async function readRouting(db: StateDb): Promise<Routing> {
  return (await readSetting(db, 'routing')) ?? routing.parse({ inhibit: builtInInhibitions });
}

/** Ids of the channels a route names, by id or name; without names every one that is switched on. */
export function channelsOf(names: readonly string[] | null, channels: readonly ChannelRow[]): string[] {
  const enabled = channels.filter(channel => channel.enabled === 1);
  const meant =
    names === null
      ? enabled
      : enabled.filter(
          channel => names.includes(channel.channel_id) || names.includes(nameOfChannel(channel)),
        );
  return meant.map(({ channel_id }) => channel_id);
}

/** Who is told of something that is not grouped or repeated: budgets, and Driftline itself. */
export async function channelsFor(db: StateDb, labels: AlertLabels): Promise<string[]> {
  const { routes } = await readRouting(db);
  return channelsOf(routeOf(routes, defaultRoute, labels).channels, await listChannels(db));
}
