import { getAlertGroup, groupsTold, putAlertGroup } from '#store/state/alert-groups.ts';
import type { StateDb } from '#store/state/open.ts';
import type { GroupsContext } from './groups.ts';
import type { Told } from './plan.ts';
import { queueGroupMessage } from './queue.ts';
import { readSubjects } from './subjects.ts';

/**
 * Tells those who heard of alerts that are over that late data take them back, in the transaction that writes so. Where others of
 * their group still fire it is said beside them, since the end of a group closes it in pagers; where nobody has heard that an alert
 * is over, the message which says that says this as well.
 */
export async function tellRetracted(
  db: StateDb,
  alertIds: readonly string[],
  { projectId, nowMs, baseUrl }: GroupsContext,
): Promise<void> {
  const groups = new Map<string, string[]>();
  for (const id of alertIds)
    for (const groupId of await groupsTold(db, id)) groups.set(groupId, [...(groups.get(groupId) ?? []), id]);
  for (const [groupId, ids] of groups) {
    const row = await getAlertGroup(db, groupId);
    if (row === null) continue;
    const told = JSON.parse(row.state) as Told;
    const over = ids.filter(id => !(id in told.known));
    if (over.length === 0) continue;
    const firing = row.closed_at === null ? (JSON.parse(row.members) as string[]) : [];
    const subjects = await readSubjects(db, projectId, [...firing, ...over]);
    const members = subjects.filter(
      ({ id, firing: isFiring }) => over.includes(id) || (isFiring && firing.includes(id)),
    );
    const kind = members.some(one => one.firing) ? 'updated' : 'resolved';
    if (kind === 'resolved' && row.closed_at === null) {
      // It is about to say that it is over: they are told of there.
      const known = { ...told.known, ...Object.fromEntries(members.map(({ id, news }) => [id, news])) };
      const all = JSON.stringify([...firing, ...over]);
      await putAlertGroup(db, { ...row, members: all, state: JSON.stringify({ ...told, known }) });
      continue;
    }
    const { channelIds } = told;
    const planned = { kind, message: told.messages + 1, channelIds, changedTimes: 0 } as const;
    await queueGroupMessage(db, { groupId, planned, members, keptQuiet: [], nowMs, baseUrl });
    await putAlertGroup(db, { ...row, state: JSON.stringify({ ...told, messages: planned.message }) });
  }
}
