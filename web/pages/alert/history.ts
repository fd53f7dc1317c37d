import type { AlertDetail } from '#contract/alert.ts';
import type { Status } from '../../ui/status.tsx';

/** A line of what happened: to the incident, by people, or to the messages about it. */
export interface HistoryLine {
  key: string;
  /** ISO 8601; null for what is yet to come. */
  at: string | null;
  text: string;
  /** Of a delivery: how often it was tried and what went wrong. */
  more: string | null;
  status: Status;
}

const verbs = { delivered: 'was told', waiting: 'is being told', failed: 'could not be told' } as const;
const statuses = { delivered: 'good', waiting: 'warning', failed: 'critical' } as const;
const events: Record<string, string> = {
  firing: 'that it fires',
  updated: 'that it goes on',
  acknowledged: 'who has taken it',
  resolved: 'that it is over',
};

/** Events, acknowledgements, verdicts, notes and deliveries in the order they happened; what waits comes last. */
export function historyOf({
  timeline,
  deliveries,
}: Pick<AlertDetail, 'timeline' | 'deliveries'>): HistoryLine[] {
  const happened = timeline.map(
    ({ at, text }, index): HistoryLine => ({
      key: `event ${index}`,
      at,
      text,
      more: null,
      status: 'neutral',
    }),
  );
  const told = deliveries.map((one, index): HistoryLine => {
    const tries =
      one.attempts > 1 || one.status !== 'delivered'
        ? `${one.attempts} ${one.attempts === 1 ? 'attempt' : 'attempts'}`
        : null;
    return {
      key: `delivery ${index}`,
      at: one.last_attempt_at,
      text: `${one.channel} ${verbs[one.status]} ${events[one.event] ?? `of "${one.event}"`}.`,
      more: [tries, one.error].filter(Boolean).join('. ') || null,
      status: statuses[one.status],
    };
  });
  // Stable: of one instant the event comes before what was said of it.
  return [...happened, ...told].sort((one, other) => timeOf(one) - timeOf(other));
}

const timeOf = ({ at }: HistoryLine) => (at === null ? Number.POSITIVE_INFINITY : Date.parse(at));
