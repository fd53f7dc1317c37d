import type { QuietFinding } from '#contract/quiet-drift.ts';
import type { StateDb } from '#store/state/open.ts';
import { queueMessages } from '#store/state/outbox.ts';
import { markQuietNotified, type QuietFindingRow, readNotified } from '#store/state/quiet-series.ts';
import { groupBy } from '../group-by.ts';
import { channelsFor } from '../lifecycle/routing.ts';
import { readQuietFinding } from './quiet-rows.ts';

/** Order in which metrics speak for the others of their feature. */
const loudest = ['usage:requests', 'usage:users', 'usage:sessions', 'fairness:quality', 'fairness:refusal'];
const rank = ({ metric }: QuietFinding) => {
  const at = loudest.indexOf(metric);
  return at < 0 ? loudest.length : at;
};

/**
 * Queues one message for each feature, environment and kind with findings nobody was told of yet. Only for those whose settings
 * ask for it: by themselves quiet series are silent. Called in the transaction that writes the findings.
 */
export async function announceQuiet(
  db: StateDb,
  findings: readonly QuietFinding[],
  { nowMs, baseUrl }: { nowMs: number; baseUrl: string },
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  const news = findings.filter(({ closed_at, notified_at }) => closed_at === null && notified_at === null);
  const groups = groupBy(news, one => JSON.stringify([one.kind, one.feature, one.environment]));
  for (const group of groups.values()) {
    const told: QuietFinding[] = [];
    // Another process may have told of it meanwhile.
    for (const one of group) if (await markQuietNotified(db, one.id, at)) told.push(one);
    const [first, ...others] = told.sort((one, other) => rank(one) - rank(other));
    if (!first) continue;
    const { id, kind, feature, environment, metric } = first;
    const payload = JSON.stringify(payloadOf(first, others, { at, baseUrl }));
    const labels = { kind, rule: metric, severity: 'warning', feature, environment, metric };
    const message = { event_id: `${id}.firing`, incident_id: id, event: 'firing', payload, created_at: at };
    await queueMessages(
      db,
      (await channelsFor(db, labels)).map(channel_id => ({ ...message, channel_id })),
    );
  }
}

/** Takes back in words what was told and late values do not support. Called in the transaction that writes the findings. */
export async function announceRetracted(
  db: StateDb,
  rows: readonly QuietFindingRow[],
  { nowMs, baseUrl }: { nowMs: number; baseUrl: string },
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  const retracted = rows.flatMap(row => readQuietFinding(row) ?? []).filter(one => one.retracted);
  const told = await readNotified(
    db,
    retracted.map(({ id }) => id),
  );
  for (const finding of retracted.filter(({ id }) => told.has(id))) {
    const { id, kind, feature, environment, metric } = finding;
    const { data } = payloadOf(finding, [], { at, baseUrl });
    const detail = 'Retracted: data that came late do not support it.';
    const payload = {
      type: `${kind}.resolved`,
      timestamp: at,
      data: { ...data, resolved_at: at, retracted: true, detail },
    };
    const labels = { kind, rule: metric, severity: 'warning', feature, environment, metric };
    const message = { event_id: `${id}.resolved`, incident_id: id, event: 'resolved', created_at: at };
    await queueMessages(
      db,
      (await channelsFor(db, labels)).map(channel_id => ({
        ...message,
        payload: JSON.stringify(payload),
        channel_id,
      })),
    );
  }
}

function payloadOf(
  { id, kind, text, feature, environment, metric, changed_at, chance_of_noise }: QuietFinding,
  others: readonly QuietFinding[],
  { at, baseUrl }: { at: string; baseUrl: string },
) {
  return {
    type: `${kind}.firing`,
    timestamp: at,
    data: {
      id,
      title: text,
      ...{ feature, environment, metric, changed_at, chance_of_noise },
      also: others.map(other => other.text),
      url: new URL('/drift', baseUrl).href,
    },
  };
}
