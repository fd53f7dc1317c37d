import type { RuleAlertRow } from '#store/state/alert-rules.ts';
import type { AlertFlags } from '../lifecycle/subjects.ts';
import { says } from '../words.ts';

/** Body of an event about alerts of plain rules that are told together. Numbers and names only. */
interface AlertPayload {
  type: 'alert.firing' | 'alert.updated' | 'alert.resolved';
  timestamp: string;
  data: {
    /** Of the group; constant until all of it is over. */
    id: string;
    dedup_key: string;
    title: string;
    state: 'firing' | 'resolved';
    severity: 'warning' | 'critical';
    feature: string;
    model: string;
    environment: string;
    rule: string;
    value: number | null;
    opened_at: string;
    resolved_at: string | null;
    since: string;
    /** It fires on data that are not complete: what comes late may take it back. `detail` says so in words. */
    provisional: boolean;
    /** Data that came late took all of it back; `detail` says so in words. */
    retracted: boolean;
    /** Titles of what else is in the group. */
    also: string[];
    detail: string;
    alerts: {
      id: string;
      dedup_key: string;
      rule: string;
      title: string;
      state: string;
      opened_at: string;
    }[];
    /** The page that shows it. */
    url: string;
  };
}

const mostListed = 20;

/**
 * What a receiver is told of a group; `alerts` are its members, the gravest firing one first. `changedTimes`: how often they fired
 * or ended since the message before.
 */
export function alertPayload(
  groupId: string,
  alerts: readonly RuleAlertRow[],
  at: { type: AlertPayload['type']; atMs: number; changedTimes: number; repeated: boolean; baseUrl: string },
): AlertPayload {
  const [lead, ...others] = [...alerts].sort((one, other) => rank(one) - rank(other));
  const labels = JSON.parse(lead!.labels) as Record<string, string>;
  const firing = alerts.filter(({ state }) => state === 'firing');
  const isOver = at.type === 'alert.resolved';
  const flagsOf = ({ flags }: RuleAlertRow) => JSON.parse(flags) as AlertFlags;
  const isProvisional = !isOver && firing.some(one => flagsOf(one).provisional);
  const isRetracted = isOver && alerts.every(one => flagsOf(one).retracted);
  const resolvedAt = alerts
    .map(({ resolved_at }) => resolved_at ?? '')
    .sort()
    .at(-1)!;
  return {
    type: at.type,
    timestamp: new Date(at.atMs).toISOString(),
    data: {
      id: groupId,
      dedup_key: groupId,
      title: lead!.title,
      state: at.type === 'alert.resolved' ? 'resolved' : 'firing',
      severity: alerts.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
      feature: (labels.feature ?? '').slice(0, 200),
      model: (labels.model ?? '').slice(0, 200),
      environment: (labels.environment ?? '').slice(0, 200),
      rule: lead!.rule_name,
      value: lead!.value,
      opened_at: lead!.opened_at,
      resolved_at: at.type === 'alert.resolved' ? resolvedAt || null : null,
      since: lead!.opened_at,
      also: others.slice(0, mostListed).map(one => {
        if (one.state === 'firing') return one.title;
        return `${flagsOf(one).retracted ? 'retracted' : 'over'}: ${one.title}`;
      }),
      provisional: isProvisional,
      retracted: isRetracted,
      detail: [
        detailOf(firing.length, alerts.length, at),
        isProvisional && says.provisional(),
        isRetracted && says.retractedAlert(),
      ]
        .filter(Boolean)
        .join(' '),
      alerts: [lead!, ...others].slice(0, mostListed).map(one => ({
        id: one.alert_id,
        dedup_key: one.dedup_key,
        rule: one.rule_name,
        title: one.title,
        state: one.state,
        opened_at: one.opened_at,
      })),
      url: new URL(`/alerts/${lead!.alert_id}`, at.baseUrl).href,
    },
  };
}

const rank = ({ state, severity }: RuleAlertRow) =>
  (state === 'firing' ? 0 : 2) + (severity === 'critical' ? 0 : 1);

function detailOf(
  firing: number,
  all: number,
  { type, changedTimes, repeated }: { type: AlertPayload['type']; changedTimes: number; repeated: boolean },
): string {
  const said: string[] = [];
  if (all > 1)
    said.push(
      type === 'alert.resolved' ? `${all} alerts are over.` : `${firing} of ${all} alerts are firing.`,
    );
  if (repeated) said.push('Still firing, and nobody has acknowledged it.');
  else if (type !== 'alert.firing' && changedTimes > 1)
    said.push(`Changed ${changedTimes} times since the last message.`);
  return said.join(' ');
}
