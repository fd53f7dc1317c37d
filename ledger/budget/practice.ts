import { randomUUID } from 'node:crypto';
import type { Reserves } from '#store/state/lease-reserves.ts';
import { type Budget, nanosOf } from './budget.ts';
import { Ceilings } from './ceilings.ts';
import type { Decider } from './decider.ts';
import type { LeaseSigner } from './lease-token.ts';

const budget: Budget = {
  id: 'practice',
  name: 'Practice',
  filter: [{ dimension: 'feature', value: 'practice' }],
  amountNanos: nanosOf('1000000'),
  period: 'month',
  dates: null,
  thresholds: [],
  ceiling: {
    deny_at_percent: 100,
    degrade_at_percent: 80,
    degrade_model: null,
    lease_usd: '0.01',
    lease_s: 30,
  },
  createdAt: '',
};

/** Gives what is asked for and writes nothing down. */
const nobodys: Reserves = {
  live: async () => [],
  take: async (wishes, { holder, nowMs, coversUntilMs }) =>
    wishes.map(({ budgetId, amount }) => {
      const taken = {
        reserve_id: randomUUID(),
        budget_id: budgetId,
        holder,
        amount_nanos: String(amount(0n)),
        taken_at: new Date(nowMs).toISOString(),
        covers_until: new Date(coversUntilMs).toISOString(),
      };
      return { budgetId, taken, live: [taken] };
    }),
};

/** Decides about a ceiling of nobody's, by the code that decides about all others: whoever asks it makes that code quick. */
export async function practiceDecider(signer: LeaseSigner, nowMs: () => number): Promise<Decider['decide']> {
  const ceilings = new Ceilings({ reserves: nobodys, projectId: budget.id, signer, nowMs });
  ceilings.setBudgets([budget]);
  const observed = new Map([[budget.id, { highNanos: 0n, unboundedCalls: 0, phase: 'running' as const }]]);
  await ceilings.setLook({ observed, visibleUntilMs: 0, asOf: null });
  return request => ceilings.decide(request);
}
