import type { ChannelRow } from '#store/state/channels.ts';
import { channelOf } from '../channels/index.ts';
import { configOf } from './attempt.ts';

/** What people call a channel: its name, or its kind and where it leads. */
export function nameOfChannel(row: Pick<ChannelRow, 'name' | 'kind' | 'settings' | 'secret'>): string {
  return row.name || [channelOf(row.kind)?.label ?? row.kind, targetOf(row)].filter(Boolean).join(' ');
}

/** Where a channel leads, without what is secret. */
export function targetOf(row: Pick<ChannelRow, 'kind' | 'settings' | 'secret'>): string {
  return channelOf(row.kind)?.target(configOf(row)) ?? '';
}
