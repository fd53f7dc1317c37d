import type { AlertRoute, Matcher, Routing } from '#contract/route.ts';
import { type AlertGroupRow, openAlertGroups, putAlertGroup } from '#store/state/alert-groups.ts';
import { listAlertSilences } from '#store/state/alert-silences.ts';
import { type ChannelRow, listChannels } from '#store/state/channels.ts';
import { addIncidentEvent } from '#store/state/incidents.ts';
import type { StateDb } from '#store/state/open.ts';
import { messagesOf } from '#store/state/outbox.ts';
import { says } from '../words.ts';
import { groupId, labelKey } from './ids.ts';
import { type ActiveSilence, inhibitedBy, mutedBy, routeOf } from './match.ts';
import { nothingTold, type Planned, type PlanSettings, plan, type Told } from './plan.ts';
import { queueGroupMessage } from './queue.ts';
import { channelsOf, defaultRoute, readRouting } from './routing.ts';
import { readSubjects, type Subject } from './subjects.ts';

export interface GroupsContext {
  projectId: string;
  nowMs: number;
  baseUrl: string;
}

interface World extends GroupsContext {
  routing: Routing;
  channels: ChannelRow[];
  subjects: Map<string, Subject>;
  muted: ReadonlyMap<string, string>;
}

interface Group {
  row: AlertGroupRow;
  members: string[];
  told: Told;
}

/**
 * Puts what fires into groups and queues what is due to be said of each: part of the transaction that changes an alert, and of
 * one of its own when only time has passed. Saying the same twice is impossible: messages are named by the group and their number.
 * Returns the ids of the groups that had something to say.
 */
export async function advanceGroups(db: StateDb, context: GroupsContext): Promise<string[]> {
  const rows = await openAlertGroups(db, context.projectId);
  const groups = rows.map(
    (row): Group => ({
      row,
      members: JSON.parse(row.members) as string[],
      told: JSON.parse(row.state) as Told,
    }),
  );
  const subjects = await readSubjects(
    db,
    context.projectId,
    groups.flatMap(({ members }) => members),
  );
  if (subjects.length === 0 && groups.length === 0) return [];
  const world: World = {
    ...context,
    routing: await readRouting(db),
    channels: await listChannels(db),
    subjects: new Map(subjects.map(one => [one.id, one])),
    muted: new Map(),
  };
  world.muted = await mutedOf(db, world);
  const taken = new Set(groups.flatMap(({ members }) => members));
  for (const subject of subjects) {
    if (subject.firing && !taken.has(subject.id)) await assign(db, groups, subject, world);
  }
  const spoke: string[] = [];
  for (const group of groups) if (await advance(db, group, world)) spoke.push(group.row.group_id);
  return spoke;
}

/** Which firing alerts nobody is told of, and why. */
export async function readMuted(db: StateDb, projectId: string, nowMs: number): Promise<Map<string, string>> {
  const subjects = await readSubjects(db, projectId, []);
  return mutedOf(db, {
    projectId,
    nowMs,
    routing: await readRouting(db),
    subjects: new Map(subjects.map(one => [one.id, one])),
  });
}

async function mutedOf(
  db: StateDb,
  { projectId, nowMs, routing, subjects }: Pick<World, 'projectId' | 'nowMs' | 'routing' | 'subjects'>,
): Promise<Map<string, string>> {
  const now = new Date(nowMs).toISOString();
  const silences = (await listAlertSilences(db, projectId, now))
    .filter(({ starts_at }) => starts_at <= now)
    .map(
      ({ silence_id, matchers, comment }): ActiveSilence => ({
        id: silence_id,
        match: JSON.parse(matchers) as Matcher[],
        comment,
      }),
    );
  const firing = [...subjects.values()].filter(subject => subject.firing);
  const by = { silences, inhibitions: routing.inhibit, firing };
  const muted = new Map<string, string>();
  for (const subject of firing) {
    const reason = mutedBy(subject, by);
    if (reason !== null) muted.set(subject.id, reason);
  }
  return muted;
}

/** An incident is one cause already and makes a group of its own; alerts of rules join those that agree with them. */
async function assign(db: StateDb, groups: Group[], subject: Subject, world: World): Promise<void> {
  const isIncident = 'incident' in subject.row;
  const labels = isIncident ? subject.labels : groupLabels(routeFor(subject, world), subject);
  const key = isIncident ? subject.id : `${routeFor(subject, world).name}|${labelKey(labels)}`;
  const open = groups.find(({ row }) => row.group_key === key);
  if (open) {
    open.members.push(subject.id);
    return;
  }
  const id = isIncident ? subject.id : groupId(key, world.nowMs);
  groups.push({
    row: {
      group_id: id,
      project_id: world.projectId,
      subject: isIncident ? 'incident' : 'rules',
      group_key: key,
      labels: JSON.stringify(labels),
      members: '[]',
      state: '',
      opened_at: new Date(world.nowMs).toISOString(),
      closed_at: null,
    },
    members: [subject.id],
    told: isIncident ? await toldBefore(db, subject) : nothingTold(),
  });
}

/** An incident from before there were groups may have been told of. */
async function toldBefore(db: StateDb, subject: Subject): Promise<Told> {
  const earlier = (await messagesOf(db, subject.id)).filter(({ event }) => event !== 'test');
  const [first] = earlier;
  const told = nothingTold();
  if (!first) return told;
  return {
    ...told,
    firstMs: Date.parse(first.created_at),
    lastMs: Date.parse(earlier.at(-1)!.created_at),
    // Their names count lines of the timeline.
    messages: Math.max(...earlier.map(({ event_id }) => Number(event_id.split('.').at(-1)) || 0)),
    channelIds: [...new Set(earlier.map(({ channel_id }) => channel_id))],
    known: { [subject.id]: subject.news },
  };
}

const routeFor = (subject: Subject, { routing }: Pick<World, 'routing'>): AlertRoute =>
  routeOf(routing.routes, defaultRoute, subject.labels);

const groupLabels = ({ group_by }: AlertRoute, { labels }: Subject): Record<string, string> =>
  Object.fromEntries(group_by.map(name => [name, labels[name] ?? '']));

async function advance(db: StateDb, group: Group, world: World): Promise<boolean> {
  const members = group.members.flatMap(id => world.subjects.get(id) ?? []);
  const lead = members.find(({ firing }) => firing) ?? members[0];
  const { told, planned, closed } = plan(
    group.told,
    members.map(({ id, firing, news, acknowledged, snoozedUntilMs }) => ({
      id,
      firing,
      news,
      acknowledged,
      snoozedUntilMs,
      muted: world.muted.has(id),
    })),
    { nowMs: world.nowMs, settings: settingsFor(group, lead, world) },
  );
  for (const one of planned) await say(db, group, one, { members, world });
  await noteMuted(db, told, members, world);
  const row: AlertGroupRow = {
    ...group.row,
    members: JSON.stringify(group.members.filter(id => world.subjects.get(id)?.firing || id in told.known)),
    state: JSON.stringify(told),
    closed_at: closed ? new Date(world.nowMs).toISOString() : null,
  };
  const isSame = row.members === group.row.members && row.state === group.row.state && !closed;
  if (!isSame) await putAlertGroup(db, row);
  return planned.length > 0;
}

/** Writes into the timelines of what fires when a silence or something graver begins to keep it quiet, and when that is over. */
async function noteMuted(
  db: StateDb,
  told: Told,
  members: readonly Subject[],
  { muted, nowMs }: World,
): Promise<void> {
  const before = told.muted ?? {};
  const at = new Date(nowMs).toISOString();
  const now: Record<string, string> = {};
  for (const { id, firing } of members) {
    const reason = firing ? muted.get(id) : undefined;
    if (reason !== undefined) now[id] = reason;
    if (!firing || reason === before[id]) continue;
    const kind = reason === undefined ? 'unmuted' : 'muted';
    const text = reason === undefined ? says.unmuted(before[id]!) : says.muted(reason);
    await addIncidentEvent(db, { event_id: `${id}.${kind}.${at}`, incident_id: id, at, kind, text });
  }
  if (Object.keys(now).length > 0) told.muted = now;
  else delete told.muted;
}

function settingsFor(group: Group, lead: Subject | undefined, world: World): PlanSettings {
  const route = lead ? routeFor(lead, world) : defaultRoute;
  const isIncident = group.row.subject === 'incident';
  return {
    // What belongs to an incident has been waited for by the detector.
    groupWaitMs: isIncident ? 0 : route.group_wait_s * 1000,
    groupIntervalMs: isIncident ? 0 : route.group_interval_s * 1000,
    repeatMs: route.repeat_s * 1000,
    channelIds: channelsOf(route.channels, world.channels),
    escalation: route.escalation.map(({ after_s, channels }) => ({
      afterMs: after_s * 1000,
      channelIds: channelsOf(channels, world.channels),
    })),
  };
}

async function say(
  db: StateDb,
  { row }: Group,
  planned: Planned,
  { members, world }: { members: readonly Subject[]; world: World },
): Promise<void> {
  const speakable = members.filter(({ id }) => !world.muted.has(id) || planned.kind === 'resolved');
  const reasons = new Set(speakable.filter(({ firing }) => firing).map(inhibitedBy));
  const keptQuiet = [...world.subjects.values()].filter(
    ({ id, firing }) => firing && reasons.has(world.muted.get(id) ?? ''),
  );
  await queueGroupMessage(db, { groupId: row.group_id, planned, members: speakable, keptQuiet, ...world });
}
