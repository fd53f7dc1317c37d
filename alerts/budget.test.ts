import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClickHouse } from '#store/engine/client.ts';
import { addBudget, addNotices, changeBudget } from '#store/state/budgets.ts';
import { addChannel } from '#store/state/channels.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { quietLog } from '../test/support/engine.ts';
import { announceBudgets } from './budget.ts';
import { newSecret } from './channels/standard-webhooks.ts';

let folder: string;
let state: StateDb;
const at = '2026-11-21T10:00:00.000Z';
const nothing = openClickHouse({ url: 'http://127.0.0.1:9', user: 'x', password: '' });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-budget-alerts-'));
  state = await openState({ dataDir: folder });
  await addChannel(state, {
    channel_id: 'hook',
    kind: 'webhook',
    settings: JSON.stringify({ url: 'http://127.0.0.1:9/' }),
    secret: newSecret(),
    enabled: 1,
    created_at: at,
  });
  await addBudget(state, {
    budget_id: 'b1',
    project_id: 'default',
    name: 'Chat',
    kind: 'budget',
    filter: '[]',
    amount_nanos: '250000000000',
    period: 'month',
    starts_on: null,
    ends_on: null,
    thresholds: '[50,80,100]',
    ceiling: null,
    created_at: at,
    updated_at: at,
  });
});
afterEach(async () => {
  await state.destroy();
  await nothing.close();
  await rm(folder, { recursive: true, force: true });
});

const deps = () => ({
  state,
  clickhouse: nothing,
  projectId: 'default',
  clock: { now: () => Date.parse(at) },
  log: quietLog,
});

function crossed(percent: number) {
  return {
    budget_id: 'b1',
    period_from: '2026-11-01T00:00:00.000Z',
    period_to: '2026-12-01T00:00:00.000Z',
    zone: 'UTC',
    percent,
    amount_nanos: '250000000000',
    spent_nanos: '206000000000',
    crossed_at: at,
    announced_at: null,
  };
}

const queued = () => state.selectFrom('outbox').selectAll().orderBy('outbox_id').execute();

test('of thresholds crossed at once the highest is told, once; the next one later', async () => {
  await addNotices(state, [crossed(50), crossed(80)]);
  await announceBudgets(deps(), 'http://driftline.test');
  await announceBudgets(deps(), 'http://driftline.test');
  const [first, ...others] = await queued();
  expect(others).toEqual([]);
  expect(JSON.parse(first!.payload)).toMatchObject({
    type: 'budget.threshold',
    data: {
      title: 'Budget Chat has crossed 80 % of $250.00',
      percent: 80,
      spent_usd: '206.000000000',
      url: 'http://driftline.test/budgets',
    },
  });
  await addNotices(state, [crossed(80), crossed(100)]);
  await announceBudgets(deps(), 'http://driftline.test');
  expect((await queued()).map(({ event_id }) => event_id.slice(-5))).toEqual(['.0080', '.0100']);
});

test('a changed amount is told of anew', async () => {
  await addNotices(state, [crossed(80)]);
  await announceBudgets(deps(), 'http://driftline.test');
  await changeBudget(state, 'default', 'b1', { amount_nanos: '240000000000' });
  await addNotices(state, [{ ...crossed(80), amount_nanos: '240000000000' }]);
  await announceBudgets(deps(), 'http://driftline.test');
  expect(await queued()).toHaveLength(2);
});
