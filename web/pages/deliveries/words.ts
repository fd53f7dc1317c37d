import type { Notification } from '#contract/channel.ts';
import type { Status } from '../../ui/status.tsx';

const EVENTS: Record<string, string> = {
  firing: 'Firing',
  updated: 'Update',
  resolved: 'Resolved',
  acknowledged: 'Acknowledged',
  note: 'Note',
  test: 'Test',
  undelivered: 'Not delivered elsewhere',
};

export const eventWords = (event: string): string => EVENTS[event] ?? event;

/** Whether a message arrived. */
export function stateOf({ status, attempts, error }: Notification): { status: Status; words: string } {
  const last = attempts.at(-1);
  if (status === 'delivered') {
    return last?.outcome === 'skipped'
      ? { status: 'neutral', words: 'Not for this channel' }
      : { status: 'good', words: 'Delivered' };
  }
  if (status === 'waiting') return { status: 'warning', words: 'Waiting' };
  return error === 'replaced by newer state'
    ? { status: 'neutral', words: 'Replaced' }
    : { status: 'critical', words: 'Not delivered' };
}

/** What came of one attempt. */
export function attemptWords(attempt: Notification['attempts'][number]): string {
  const { outcome, status, answer, error } = attempt;
  if (outcome === null) return attempt.ended_at ? 'ended' : 'under way, or its end is not known';
  if (outcome === 'skipped') return 'not sent: this channel does not take such messages';
  if (outcome === 'delivered') {
    const code = status === null ? 'Delivered' : `Delivered, answered ${status}`;
    return answer ? `${code}: ${answer}` : code;
  }
  const why = error ?? 'failed';
  const words = why[0]!.toUpperCase() + why.slice(1);
  return answer && !why.includes(answer) ? `${words} (${answer})` : words;
}
