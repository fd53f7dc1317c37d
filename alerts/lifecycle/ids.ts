import { createHash } from 'node:crypto';

type Labels = Readonly<Record<string, string>>;

/** Labels in one order, so that the same ones are the same text. */
export const labelKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));

/** The same for every alert of a rule and its labels; 64 characters. */
export function dedupKey(projectId: string, ruleId: string, labels: Labels): string {
  return createHash('sha256')
    .update(JSON.stringify([projectId, ruleId, labelKey(labels)]))
    .digest('hex');
}

/** Names what happened, the same on every retry; padded, so that events of one instant sort as they happened. */
export const eventId = (key: string, transitions: number): string =>
  `${key}.${String(transitions).padStart(4, '0')}`;

/** An alert of a rule from the transition that fired it on. */
export const alertId = (key: string, transitions: number): string =>
  `alr_${createHash('sha256').update(eventId(key, transitions)).digest('hex').slice(0, 20)}`;

export const groupId = (groupKey: string, openedAtMs: number): string =>
  `grp_${createHash('sha256').update(`${groupKey}@${openedAtMs}`).digest('hex').slice(0, 20)}`;
