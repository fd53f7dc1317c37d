import type { StoredChannel } from './channel.ts';
import { webhook } from './webhook.ts';

/** Every kind of channel: a new one is its file, its test and a name here. */
export const channels: Record<string, StoredChannel> = { webhook };
