import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addBudget } from '#store/state/budgets.ts';
import { reservesIn } from '#store/state/lease-reserves.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { budgetOf, nanosOf } from './budget.ts';
import { CannotDecideError, Ceilings } from './ceilings.ts';
import { leaseSigner } from './lease-token.ts';

let folder: string;
let state: StateDb;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-ceilings-'));
  state = await openState({ dataDir: folder, neverWaitForDisk: true });
});
afterAll(async () => {
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
const signer = leaseSigner({ key_id: 'k', private_key: key.toString('base64') });
const startMs = Date.parse('2026-11-21T10:00:00Z');
/** As in the service: what a lease paid for is in the ledger this long after its end. */
const visibleAfterMs = 150_000;
const longestDelayMs = 120_000;
let budgets = 0;

interface Spend {
  nanos: bigint;
  /** When it is stored, and so in every look from then on. */
  storedMs: number;
}

/** A budget of $100 with leases of $1, its true spend, and processes that decide about it without knowing of each other. */
async function world({ lease_s = 30 } = {}) {
  const id = `b${budgets++}`;
  const row = {
    budget_id: id,
    project_id: 'default',
    name: id,
    kind: 'budget' as const,
    filter: '[]',
    amount_nanos: String(nanosOf('100')),
    period: 'month' as const,
    starts_on: null,
    ends_on: null,
    thresholds: '[]',
    ceiling: JSON.stringify({ deny_at_percent: 100, degrade_at_percent: 80, lease_usd: '1', lease_s }),
    created_at: '',
    updated_at: '',
  };
  await addBudget(state, row);
  let nowMs = startMs;
  const spends: Spend[] = [];
  /** Leases that may still be spent from. */
  let promised = 0n;

  function begin() {
    const ceilings = new Ceilings({
      reserves: reservesIn(state),
      projectId: 'default',
      signer,
      nowMs: () => nowMs,
    });
    ceilings.setBudgets([budgetOf(row)]);
    return ceilings;
  }

  return {
    begin,
    pass: (ms: number) => {
      nowMs += ms;
    },
    async look(ceilings: Ceilings, behindMs: number) {
      const asOfMs = nowMs - behindMs;
      const seen = spends.filter(({ storedMs }) => storedMs <= asOfMs);
      const highNanos = seen.reduce((sum, { nanos }) => sum + nanos, 0n);
      await ceilings.setLook({
        observed: new Map([[id, { highNanos, unboundedCalls: 0, phase: 'running' }]]),
        visibleUntilMs: asOfMs - visibleAfterMs,
        asOf: null,
      });
      await ceilings.tick();
    },
    /** A caller takes a lease and spends some of it until it ends. */
    async lease(ceilings: Ceilings, { part, delay }: { part: number; delay: number }) {
      const { lease, decision } = await ceilings.decide({});
      if (!lease) return decision;
      const whole = nanosOf(lease.amount_usd);
      const nanos = (whole * BigInt(Math.round(part * 1000))) / 1000n;
      // The worst moment to spend is the last; the worst time for it to be stored is late.
      spends.push({ nanos, storedMs: Date.parse(lease.expires_at) + delay * longestDelayMs });
      promised += nanos;
      return decision;
    },
    total: () => promised,
  };
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('lease' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      delay: fc.double({ min: 0, max: 1, noNaN: true }),
      times: fc.integer({ min: 1, max: 25 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 100, max: 90_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('look' as const), behindMs: fc.integer({ min: 0, max: 40_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), gently: fc.boolean() }) },
);

test('callers who keep to their leases never spend more than the ceiling, whatever dies, waits or comes late', async () => {
  let denied = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 1 }), step), { minLength: 20, maxLength: 60 }),
      async steps => {
        const w = await world();
        const processes = [w.begin(), w.begin()];
        for (const ceilings of processes) await w.look(ceilings, 0);
        for (const [which, step] of steps) {
          const ceilings = processes[which]!;
          if (step.do === 'pass') w.pass(step.ms);
          else if (step.do === 'look') await w.look(ceilings, step.behindMs);
          else if (step.do === 'kill') {
            if (step.gently) await ceilings.close();
            processes[which] = w.begin();
            await w.look(processes[which]!, 0);
          } else {
            const answers = await Promise.all(
              Array.from({ length: step.times }, () => w.lease(ceilings, step)),
            );
            denied += answers.filter(decision => decision === 'deny').length;
          }
          expect(w.total()).toBeLessThanOrEqual(nanosOf('100'));
        }
      },
    ),
    { numRuns: Math.min(40, fc.readConfigureGlobal().numRuns ?? 40) },
  );
  // The ceiling was reached again and again, or this would show nothing.
  expect(denied).toBeGreaterThan(100);
});

test('the whole ceiling can be spent: what is not used of leases comes back', async () => {
  const w = await world();
  const ceilings = w.begin();
  await w.look(ceilings, 0);
  for (let round = 0; round < 60; round += 1) {
    for (let n = 0; n < 10; n += 1) await w.lease(ceilings, { part: 0.5, delay: 0 });
    w.pass(60_000);
    await w.look(ceilings, 0);
  }
  expect(Number(w.total()) / 1e9).toBeGreaterThan(99);
  expect(await w.lease(ceilings, { part: 1, delay: 0 })).toBe('deny');
});

test('after a kill the dead process keeps what it may have promised, until that would be visible', async () => {
  const w = await world();
  const dead = w.begin();
  await w.look(dead, 0);
  await w.lease(dead, { part: 0, delay: 0 });
  const next = w.begin();
  await w.look(next, 0);
  const standing = () => Number(next.standing(`b${budgets - 1}`)!.reservedNanos) / 1e9;
  expect(standing()).toBe(4);
  w.pass(300_000);
  await w.look(next, 0);
  expect(standing()).toBe(0);
});

test('it degrades from 80 % on, counting leases', async () => {
  const w = await world();
  const ceilings = w.begin();
  await w.look(ceilings, 0);
  const decisions = [];
  for (let n = 0; n < 110; n += 1) decisions.push(await w.lease(ceilings, { part: 1, delay: 1 }));
  expect(decisions.indexOf('degrade')).toBe(79);
  expect(decisions.indexOf('deny')).toBe(100);
});

test('before the ledger was read nothing is decided', async () => {
  const w = await world();
  await expect(w.begin().decide({})).rejects.toThrow(CannotDecideError);
});
