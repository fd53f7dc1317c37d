/** An alert of a group, as far as telling of it goes. */
export interface Member {
  id: string;
  firing: boolean;
  /** Grows whenever somebody must hear of it again. */
  news: number;
  acknowledged: boolean;
  snoozedUntilMs: number | null;
  /** Silenced, or inhibited by something graver. */
  muted: boolean;
}

/** What was told of a group. Plain JSON; written in the transaction that queues the messages. */
export interface Told {
  version: 1;
  /** When its first alert could first be told of; group_wait runs from there. */
  waitingSinceMs: number | null;
  /** Of the first message; escalation runs from there. */
  firstMs: number | null;
  lastMs: number | null;
  /** Messages so far: with the group's id they are named, the same on every retry. */
  messages: number;
  channelIds: string[];
  /** Escalation steps taken. */
  steps: number;
  /** `news` of each alert that was told as firing. */
  known: Record<string, number>;
  /** Why nobody is told of an alert, of those nobody is. */
  muted?: Record<string, string>;
}

export interface Planned {
  /** `repeated`: nothing new, but nobody has taken it; `escalated`: told to further channels. */
  kind: 'firing' | 'updated' | 'repeated' | 'escalated' | 'resolved';
  /** Position among the group's messages. */
  message: number;
  channelIds: string[];
  /** Alerts that changed since the last message, told or not. */
  changedTimes: number;
}

export interface PlanSettings {
  groupWaitMs: number;
  groupIntervalMs: number;
  repeatMs: number;
  channelIds: readonly string[];
  escalation: readonly { afterMs: number; channelIds: readonly string[] }[];
}

export const nothingTold = (): Told => ({
  version: 1,
  waitingSinceMs: null,
  firstMs: null,
  lastMs: null,
  messages: 0,
  channelIds: [],
  steps: 0,
  known: {},
});

/**
 * What is to be said of a group now. `closed`: nothing is firing and everybody who was told knows. A group that was over before
 * its first message was due is never told of. Acknowledging stops repeats and escalation, snoozing everything but the end;
 * muting keeps an alert out of new messages, and whoever was told of it still hears that it is over.
 */
export function plan(
  before: Told,
  members: readonly Member[],
  { nowMs, settings }: { nowMs: number; settings: PlanSettings },
): { told: Told; planned: Planned[]; closed: boolean } {
  const told = structuredClone(before);
  const firing = members.filter(member => member.firing);
  const audible = firing.filter(member => !member.muted && !isSnoozed(member, nowMs));
  if (told.firstMs === null) return first(told, { firing, audible, nowMs, settings });
  if (nowMs < told.lastMs! + settings.groupIntervalMs) {
    return { told, planned: escalate(told, audible, { nowMs, settings }), closed: false };
  }
  if (firing.length === 0) {
    const planned = [message(told, 'resolved', told.channelIds, { members, nowMs })];
    return { told, planned, closed: true };
  }
  // An alert that has ended while others go on is news too.
  const isNews =
    audible.some(({ id, news }) => told.known[id] !== news) ||
    members.some(({ id, firing: still }) => !still && id in told.known);
  if (isNews && audible.length > 0) {
    const planned = [message(told, 'updated', told.channelIds, { members, nowMs })];
    return { told, planned: [...planned, ...escalate(told, audible, { nowMs, settings })], closed: false };
  }
  const open = audible.filter(({ acknowledged }) => !acknowledged);
  const escalated = escalate(told, audible, { nowMs, settings });
  if (escalated.length > 0) return { told, planned: escalated, closed: false };
  const isDue = open.length > 0 && nowMs >= told.lastMs! + settings.repeatMs;
  const planned = isDue ? [message(told, 'repeated', told.channelIds, { members, nowMs })] : [];
  return { told, planned, closed: false };
}

function first(
  told: Told,
  at: { firing: Member[]; audible: Member[]; nowMs: number; settings: PlanSettings },
): { told: Told; planned: Planned[]; closed: boolean } {
  const { firing, audible, nowMs, settings } = at;
  if (audible.length === 0) {
    told.waitingSinceMs = null;
    return { told, planned: [], closed: firing.length === 0 };
  }
  told.waitingSinceMs ??= nowMs;
  if (nowMs < told.waitingSinceMs + settings.groupWaitMs) return { told, planned: [], closed: false };
  told.firstMs = nowMs;
  const planned = message(told, 'firing', settings.channelIds, { members: firing, nowMs });
  return { told, planned: [planned], closed: false };
}

/** Steps that have come due; each tells its own channels once. */
function escalate(
  told: Told,
  audible: readonly Member[],
  { nowMs, settings }: { nowMs: number; settings: PlanSettings },
): Planned[] {
  const planned: Planned[] = [];
  const isTaken = audible.every(({ acknowledged }) => acknowledged);
  for (const { afterMs, channelIds } of settings.escalation.slice(told.steps)) {
    if (isTaken || nowMs < told.firstMs! + afterMs) break;
    told.steps += 1;
    planned.push(message(told, 'escalated', channelIds, { members: audible, nowMs }));
  }
  return planned;
}

function message(
  told: Told,
  kind: Planned['kind'],
  channelIds: readonly string[],
  { members, nowMs }: { members: readonly Member[]; nowMs: number },
): Planned {
  const changedTimes = members.reduce(
    (sum, { id, news }) => sum + Math.max(0, news - (told.known[id] ?? 0)),
    0,
  );
  told.messages += 1;
  told.lastMs = nowMs;
  told.channelIds = [...new Set([...told.channelIds, ...channelIds])];
  if (kind !== 'escalated') {
    const speakable = members.filter(member => member.firing && (!member.muted || member.id in told.known));
    told.known = Object.fromEntries(speakable.map(({ id, news }) => [id, news]));
  }
  return { kind, message: told.messages, channelIds: [...new Set(channelIds)], changedTimes };
}

const isSnoozed = ({ snoozedUntilMs }: Member, nowMs: number) =>
  snoozedUntilMs !== null && snoozedUntilMs > nowMs;
