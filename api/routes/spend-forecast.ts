import type { Router } from 'express';
import { forecastSpend } from '#contract/spend-forecast.ts';
import { forecastMethod } from '#ledger/budget/forecast.ts';
import { forecastMonth } from '#ledger/budget/month-forecast.ts';
import { usdText } from '#ledger/budget/state.ts';
import { spendState } from '#ledger/schedule.ts';
import { reportingZone } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function spendForecastRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;

  serve(router, forecastSpend, async ({ where }) => {
    const [zone, { asOf, backfill }] = await Promise.all([
      reportingZone(services),
      spendState({ state, projectId }),
    ]);
    const asked = { conditions: where, zone, nowMs: nowMs(), asOf };
    const { month, spentUsd, ...found } = await forecastMonth({ clickhouse, projectId }, asked);
    // Days that are not added up yet look like days without spend.
    const forecast = backfill === null ? found.forecast : null;
    return {
      month,
      zone,
      spent_usd: spentUsd,
      forecast: forecast && usdQuantiles(forecast.total),
      fan: (forecast?.fan ?? []).map(({ date, ...at }) => ({ date, ...usdQuantiles(at) })),
      basis: {
        method: forecastMethod,
        days: forecast?.days ?? 0,
        quality: forecast?.quality ?? ('none' as const),
      },
      as_of: asOf,
    };
  });
}

const usdQuantiles = ({ p10, p50, p90 }: { p10: number; p50: number; p90: number }) => ({
  p10_usd: usdText(p10),
  p50_usd: usdText(p50),
  p90_usd: usdText(p90),
});
