import type { Channel, ChannelAnswer } from '#contract/channel.ts';
import type { Status } from '../../ui/status.tsx';

/** How a channel stands; `at` is when that was so. */
export function channelState(channel: Channel): { status: Status; words: string; at: string | null } {
  const { enabled, disabled_reason, last, waiting } = channel;
  if (!enabled) {
    const words = disabled_reason ? `Switched off: ${disabled_reason}` : 'Switched off';
    return { status: disabled_reason ? 'critical' : 'warning', words, at: null };
  }
  if (!last) return { status: 'neutral', words: 'nothing sent yet', at: null };
  if (last.status === 'waiting') {
    const messages = waiting === 1 ? '1 message waits' : `${waiting} messages wait`;
    return { status: 'warning', words: last.error ? `${messages}: ${last.error}` : messages, at: null };
  }
  if (last.status === 'failed') {
    return {
      status: 'critical',
      words: `last message not delivered: ${last.error ?? 'given up'},`,
      at: last.at,
    };
  }
  return { status: 'good', words: 'last delivered', at: last.at };
}

/** What the receiver said to a test. */
export function answerWords({ delivered, status, answer, error }: ChannelAnswer): string {
  const code = status === null ? '' : `, answered ${status}`;
  const said = answer ? `: ${answer}` : '';
  if (delivered) return `The test arrived${code}${said}.`.replace(/\.\.$/, '.');
  return `The test did not arrive: ${error ?? `the receiver answered ${status}`}${answer && !error?.includes(answer) ? ` (${answer})` : ''}.`;
}
