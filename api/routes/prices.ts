import type { Router } from 'express';
import {
  applyPrices,
  exportPrices,
  listPrices,
  previewPrices,
  priceHistory,
  unpricedModels,
} from '#contract/price.ts';
import { instantMs } from '#contract/range.ts';
import { exportCsv, exportJson } from '#ledger/price-changes/export.ts';
import { applyProposal, ProposalRefused, previewProposal } from '#ledger/price-changes/propose.ts';
import { pricesOf, statementsOf } from '#ledger/price-changes/reply.ts';
import { priceBookOf, readPriceStatements } from '#store/prices/load.ts';
import { modes, priceKinds } from '#store/prices/price-list.ts';
import { readUnpricedModels } from '#store/queries/unpriced-models.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { readPriceRevision } from '#store/state/prices.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

export function pricesRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;
  const knownAt = (asked: string | undefined) =>
    asked === undefined ? undefined : new Date(instantMs(asked, nowMs())).toISOString();

  serve(router, listPrices, async ({ known_at, valid_at, search }) => {
    const { revision, changedAt } = await readPriceRevision(state);
    const book = await readPriceStatements(state);
    const validMs = valid_at === undefined ? undefined : instantMs(valid_at, nowMs());
    return {
      prices: pricesOf(book, { knownAt: knownAt(known_at), validMs, search }),
      kinds: [...priceKinds],
      modes: [...modes],
      revision,
      changed_at: changedAt,
    };
  });

  serve(router, priceHistory, async asked => {
    const book = await readPriceStatements(state);
    const isAsked = (of: { provider: string; model: string; region: string }) =>
      of.provider === asked.provider && of.model === asked.model && of.region === asked.region;
    return {
      statements: statementsOf(book, asked),
      prices: pricesOf(book, { search: asked.model }).filter(isAsked),
    };
  });

  serve(router, previewPrices, async (proposal, { signal }) =>
    previewProposal({ state, clickhouse }, proposal, { projectId, nowMs: nowMs(), signal }),
  );

  serve(router, applyPrices, async ({ hash, noted_by: notedBy, note, ...proposal }) =>
    applyProposal(state, proposal, { hash, notedBy, note, nowMs: nowMs() }).catch(refused),
  );

  serveFile(router, exportPrices, async ({ format, known_at }) => {
    const book = await readPriceStatements(state);
    const now = new Date(nowMs()).toISOString();
    const text =
      format === 'csv' ? exportCsv(book, knownAt(known_at)) : exportJson(book, now, knownAt(known_at));
    return {
      name: `prices-${(knownAt(known_at) ?? now).slice(0, 10)}.${format}`,
      contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
      stream: async function* () {
        yield Buffer.from(text);
      },
    };
  });

  serve(router, unpricedModels, async asked => {
    const { fromMs, toMs } = rangeOf(asked, nowMs());
    const found = await readUnpricedModels(clickhouse, { projectId, fromMs, toMs });
    const book = priceBookOf(await readPriceStatements(state));
    return {
      ...found,
      models: found.models.map(({ low_nanos, high_nanos, response_model: responseModel, ...model }) => {
        const { provider, request_model: requestModel, calls, unbounded_calls } = model;
        const atMs = Date.parse(model.last_seen);
        return {
          ...model,
          token_share: found.tokens > 0 ? model.tokens / found.tokens : null,
          low_usd: unbounded_calls === calls && low_nanos === '0' ? null : usdFromNanos(low_nanos),
          high_usd: unbounded_calls === calls ? null : usdFromNanos(high_nanos),
          has_price: book.find({ provider, responseModel, requestModel, atMs }) !== null,
        };
      }),
    };
  });
}

function refused(error: unknown): never {
  if (!(error instanceof ProposalRefused)) throw error;
  throw new HttpProblem(error.reason === 'outdated' ? 409 : 400, error.message);
}
