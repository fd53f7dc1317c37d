import { cut, type Notice } from '../channels/notice.ts';

/** Body of an event about a message that did not arrive. */
interface UndeliveredPayload {
  type: 'delivery.undelivered';
  /** When the last attempt had failed; ISO 8601. */
  timestamp: string;
  data: {
    /** One for each channel that does not take messages, however many do not arrive. */
    id: string;
    title: string;
    severity: 'warning';
    detail: string;
    /** The page of what could not be told. */
    url: string;
  };
}

/** What the other channels are told when one of them did not take a message. */
export function undeliveredPayload(
  notice: Notice,
  channel: { id: string; name: string },
  error: string,
  at: string,
): UndeliveredPayload {
  return {
    type: 'delivery.undelivered',
    timestamp: at,
    data: {
      id: `undelivered.${channel.id}`,
      title: cut(`Not delivered to ${channel.name}: ${notice.headline}`, 500),
      severity: 'warning',
      detail: cut(`The last attempt failed: ${error}`, 1000),
      url: notice.links[0]?.url ?? '',
    },
  };
}
