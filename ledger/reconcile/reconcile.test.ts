import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reconciliation } from '#contract/reconcile.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import {
  anthropicCostCsv,
  anthropicUsageCsv,
  ledgerRows,
  openAiUsageJson,
  type TrueCall,
  tokenPrices,
  trueCalls,
  withoutShare,
} from '../../test/support/generated-bill.ts';
import { reconcile } from './reconcile.ts';

let engine: TestEngine;
/** Of every case, a project each: a ledger of weeks is many small files, so all are stored at once. */
const ledgers: Record<string, unknown>[] = [];
let projects = 0;
beforeAll(async () => {
  engine = await startTestEngine();
  await engine.clickhouse.insert('spend_15m', ledgers);
});
afterAll(() => engine.stop());

interface Planted {
  ledger: Record<string, unknown>[] | TrueCall[];
  /** The provider's file. */
  content: string;
  finds(found: Reconciliation): void;
}

/** A test of what is found between a ledger and a file. */
function planted(name: string, plant: () => Planted): void {
  const { ledger, content, finds } = plant();
  const projectId = `p${projects++}`;
  const rows =
    'ms' in (ledger[0] ?? {})
      ? ledgerRows(projectId, ledger as TrueCall[])
      : (ledger as Record<string, unknown>[]);
  ledgers.push(...rows.map(row => ({ ...row, project_id: projectId })));
  test(name, async () => {
    const found = await reconcile(engine.clickhouse, {
      projectId,
      files: [{ name: 'file', content }],
      usdPerUnit: undefined,
      nowMs: Date.parse('2026-11-21T00:00Z'),
    });
    addsUp(found);
    finds(found);
  });
}

/** Reasons and what is unexplained are the difference, and so is every way of looking at it. */
function addsUp(found: Reconciliation): void {
  const sum = (amounts: string[]) => amounts.reduce((all, usd) => all + BigInt(usd.replace('.', '')), 0n);
  const difference = sum([found.difference_usd]);
  expect(sum([found.theirs_usd]) - sum([found.ours_usd])).toBe(difference);
  expect(sum([found.explained_usd, found.unexplained_usd])).toBe(difference);
  expect(sum([...found.reasons.map(one => one.amount_usd), found.unexplained_usd])).toBe(difference);
  for (const rows of [found.days, found.models, found.kinds, found.cells]) {
    expect(sum(rows.map(row => row.difference_usd))).toBe(difference);
    expect(sum(rows.map(row => row.explained_usd))).toBe(sum([found.explained_usd]));
  }
}

const reason = (found: Reconciliation, name: string, model: string) =>
  found.reasons.find(one => one.reason === name && one.model === model);

const weeks = { from: '2026-10-05T00:00:00Z', days: 14, perDay: 120 };
const claude = {
  ...weeks,
  models: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
  services: ['web', 'worker', 'batch'],
};
const openai = { ...weeks, models: ['gpt-4o-mini', 'gpt-5-mini'], services: ['web', 'worker', 'batch'] };
const near = (found: number | null | undefined, planted: number, within = 0.001) =>
  expect(Math.abs((found ?? Number.NaN) - planted)).toBeLessThanOrEqual(within);
const of = (calls: TrueCall[], model: string) => calls.filter(call => call.model === model);
const units = (calls: TrueCall[]) =>
  calls.reduce((sum, call) => sum + call.input + call.cacheRead + call.cacheWrite + call.output, 0);
const cost = (calls: TrueCall[]) =>
  calls.reduce((sum, { model, input, cacheRead, cacheWrite, output }) => {
    const [a, b, c, d] = tokenPrices[model]!;
    return sum + input * a + cacheRead * b + cacheWrite * c + output * d;
  }, 0) / 1e9;

// `DRIFTLINE_TEST_RUNS=1000` tries ten.
const seeds = Array.from(
  { length: Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 100) },
  (_, n) => n + 1,
);

describe.each(seeds)('planted and found to a tenth of a percent, seed %i', seed => {
  planted('7 % of the calls are not instrumented (calls are counted)', () => {
    const calls = trueCalls(seed, openai);
    const { seen, missing } = withoutShare(calls, 0.07, seed + 100);
    return {
      ledger: seen,
      content: openAiUsageJson(calls),
      finds(found) {
        for (const model of openai.models) {
          const own = reason(found, 'not_instrumented', model);
          near(own?.share, of(missing, model).length / of(calls, model).length, 1e-9);
          near(Number(own?.amount_usd) / cost(of(missing, model)), 1);
        }
        const whole = found.reasons.reduce((sum, { calls: missed }) => sum + (missed ?? 0), 0);
        near(whole / found.theirs_calls!, 0.07);
        expect(found.reasons.filter(one => one.reason === 'double_counted')).toEqual([]);
        expect(found.explained_share).toBe(1);
      },
    };
  });

  planted('7 % of the tokens are not instrumented (calls are not counted)', () => {
    const calls = trueCalls(seed, claude);
    const { seen, missing } = withoutShare(calls, 0.07, seed + 200);
    return {
      ledger: seen,
      content: anthropicUsageCsv(calls),
      finds(found) {
        for (const model of claude.models) {
          const own = reason(found, 'not_instrumented', model);
          expect(own?.shared).toBe('tokens');
          near(own?.share, units(of(missing, model)) / units(of(calls, model)));
          near(Number(own?.amount_usd) / cost(of(missing, model)), 1);
        }
        expect(found.reasons.filter(one => one.reason === 'double_counted')).toEqual([]);
      },
    };
  });

  for (const doubled of [['web', 'worker', 'batch'], ['worker']]) {
    planted(`cached tokens are counted twice by ${doubled.join(', ')}`, () => {
      const calls = trueCalls(seed, claude);
      return {
        ledger: ledgerRows('', calls, doubled),
        content: anthropicCostCsv(calls),
        finds(found) {
          for (const model of claude.models) {
            const twice = of(calls, model).filter(call => doubled.includes(call.service));
            const tokens = twice.reduce((sum, call) => sum + call.cacheRead, 0);
            const own = reason(found, 'double_counted', model);
            expect(own?.services).toEqual([...doubled].sort());
            near(Number(own?.tokens) / tokens, 1);
            near(-Number(own?.amount_usd) / ((tokens * tokenPrices[model]![0]!) / 1e9), 1);
          }
          expect(Math.abs(Number(found.unexplained_usd))).toBeLessThan(1e-6);
        },
      };
    });
  }

  for (const file of ['usage', 'cost', 'openai']) {
    planted(`both at once, in a file of ${file}`, () => {
      const options = file === 'openai' ? openai : claude;
      const calls = trueCalls(seed, options);
      const { seen, missing } = withoutShare(calls, 0.07, seed + 300);
      const doubled = ['worker', 'batch'];
      const content = { usage: anthropicUsageCsv, cost: anthropicCostCsv, openai: openAiUsageJson }[file]!;
      return {
        ledger: ledgerRows('', seen, doubled),
        content: content(calls),
        finds(found) {
          for (const model of options.models) {
            const twice = of(seen, model).filter(call => doubled.includes(call.service));
            const tokens = twice.reduce((sum, call) => sum + call.cacheRead, 0);
            near(Number(reason(found, 'double_counted', model)?.tokens) / tokens, 1);
            const own = reason(found, 'not_instrumented', model);
            const share =
              own?.shared === 'calls'
                ? of(missing, model).length / of(calls, model).length
                : units(of(missing, model)) / units(of(calls, model));
            near(own?.share, share);
            near(Number(own?.amount_usd) / cost(of(missing, model)), 1);
          }
          near(found.explained_share, 1, 1e-6);
        },
      };
    });
  }
});

describe('other reasons', () => {
  const calls = trueCalls(9, claude);

  planted('nothing differs: nothing is said', () => ({
    ledger: calls,
    content: anthropicCostCsv(calls),
    finds(found) {
      expect(found).toMatchObject({ difference_usd: '0.000000000', reasons: [], explained_share: 1 });
      expect(found.models.map(row => row.key).sort()).toEqual(['claude-haiku-4-5', 'claude-sonnet-4-5']);
      expect(found).toMatchObject({
        from_day: '2026-10-05',
        to_day: '2026-10-18',
        providers: ['anthropic'],
      });
    },
  }));

  for (const [name, size, isLittle] of [
    ['three days', { days: 3, perDay: 200 }, true],
    ['ten calls a day and model', { days: 5, perDay: 20 }, true],
    ['two weeks', {}, false],
  ] as const) {
    planted(`whether ${name} are enough to tell a double count is said`, () => {
      const some = trueCalls(4, { ...claude, ...size });
      return {
        ledger: ledgerRows('', some, ['worker']),
        content: anthropicUsageCsv(some),
        finds(found) {
          const said = found.notes.filter(note => note.includes('too few days or calls'));
          expect(said).toHaveLength(isLittle ? 1 : 0);
          if (isLittle) expect(said[0]).toContain('of claude-haiku-4-5, claude-sonnet-4-5');
        },
      };
    });
  }

  planted('a discount on everything is one reason', () => ({
    ledger: calls,
    content: anthropicCostCsv(calls, { multiple: 0.85 }),
    finds(found) {
      expect(found.reasons.filter(one => one.reason !== 'rounding')).toHaveLength(1);
      expect(found.reasons[0]).toMatchObject({ reason: 'price_differs', model: '', kind: '' });
      near(found.reasons[0]?.ratio, 0.85, 1e-6);
    },
  }));

  planted('amounts in cents differ by rounding only', () => ({
    ledger: calls,
    content: anthropicCostCsv(calls, { places: 2 }),
    finds(found) {
      expect(new Set(found.reasons.map(one => one.reason))).toEqual(new Set(['rounding']));
      expect(found.explained_share).toBe(1);
    },
  }));

  for (const hours of [-8, 5.75, 9]) {
    planted(`days that begin ${hours} hours off are found and compared as they are`, () => ({
      ledger: calls,
      content: anthropicUsageCsv(calls, hours * 3_600_000),
      finds(found) {
        expect(found.reasons[0]).toMatchObject({ reason: 'time_shift', ratio: hours });
        expect(found.unexplained_usd).toBe('0.000000000');
      },
    }));
  }

  planted('an unpriced model, one that was never seen and one that is not on the bill', () => {
    const mixed = trueCalls(4, { ...weeks, models: [...claude.models, 'gpt-4o-mini'], services: ['web'] });
    return {
      ledger: ledgerRows('', mixed)
        .filter(row => row.model !== 'claude-haiku-4-5')
        .map(row =>
          row.model === 'gpt-4o-mini' ? { ...row, model: 'claude-opus-9', provider: 'anthropic' } : row,
        )
        .map(row => (row.model === 'claude-sonnet-4-5' ? unpriced(row) : row)),
      content: anthropicCostCsv(mixed.filter(call => call.provider === 'anthropic')),
      finds(found) {
        expect(reason(found, 'unpriced', 'claude-sonnet-4-5')).toBeDefined();
        expect(reason(found, 'counted_more', 'claude-opus-9')).toBeDefined();
        const never = found.reasons.find(one => one.reason === 'not_instrumented');
        expect(never).toMatchObject({ model: 'Claude Haiku 4.5', share: 1 });
        near(Number(never?.amount_usd) / cost(of(mixed, 'claude-haiku-4-5')), 1);
      },
    };
  });

  planted('calls recorded twice by a second instrumentation', () => {
    const twice = calls.filter(call => call.service === 'worker');
    return {
      ledger: [...calls, ...twice],
      content: anthropicUsageCsv(calls),
      finds(found) {
        for (const model of claude.models) {
          expect(reason(found, 'double_counted', model)).toMatchObject({
            services: ['worker'],
            calls: of(twice, model).length,
          });
          near(-Number(reason(found, 'double_counted', model)?.amount_usd) / cost(of(twice, model)), 1);
        }
        expect(found.explained_share).toBe(1);
      },
    };
  });
});

function unpriced(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).filter(([name]) => !name.includes('nanos'));
  return { ...Object.fromEntries(entries), price_version: '', unpriced_calls: row.calls };
}
