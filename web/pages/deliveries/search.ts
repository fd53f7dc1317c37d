export const deliveryStates = ['any', 'waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What the deliveries page shows; what is left out is everything. */
export interface DeliveriesSearch {
  status?: Exclude<DeliveryState, 'any'>;
  /** Id of a channel. */
  channel?: string;
}

export function readDeliveriesSearch(search: Record<string, unknown>): DeliveriesSearch {
  const found: DeliveriesSearch = {};
  const { status, channel } = search;
  if (status === 'waiting' || status === 'delivered' || status === 'failed') found.status = status;
  if (typeof channel === 'string' && channel) found.channel = channel.slice(0, 100);
  return found;
}
