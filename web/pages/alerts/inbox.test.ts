import { expect, test } from 'vitest';
import { inboxTab } from './inbox.ts';

const now = Date.parse('2026-11-21T14:00:00Z');
const alert = { state: 'firing', snoozed_until: null, acknowledged_at: null } as const;

test.each([
  [{}, 'firing'],
  [{ acknowledged_at: '2026-11-21T13:00:00Z' }, 'acknowledged'],
  [{ acknowledged_at: '2026-11-21T13:00:00Z', snoozed_until: '2026-11-21T15:00:00Z' }, 'snoozed'],
  [{ snoozed_until: '2026-11-21T13:59:00Z' }, 'firing'],
  [{ state: 'resolved', snoozed_until: '2026-11-21T15:00:00Z' }, 'resolved'],
] as const)('%j lies in %s', (change, tab) => expect(inboxTab({ ...alert, ...change }, now)).toBe(tab));
