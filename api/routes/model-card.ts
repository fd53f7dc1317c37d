import type { Router } from 'express';
import {
  cardTextKinds,
  listCardTexts,
  type ModelCard,
  modelCardOf,
  putCardTexts,
  type VersionDimension,
} from '#contract/model-card.ts';
import type { GoldenDeps } from '#quality/golden/deps.ts';
import { cardTextsOf, modelCardFor } from '#quality/model-card/card.ts';
import { cardMarkdown } from '#quality/model-card/markdown.ts';
import { addCardTexts, listCardTextRows } from '#store/state/model-cards.ts';
import { rangeOf } from '../asked.ts';
import { expressPath, parseRequest, serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function modelCardRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs, evaluators, baseUrl } = services;
  const deps: GoldenDeps = { clickhouse, state, projectId, nowMs, evaluators };
  // One address for people and programs: which of the two it is decides the accept header, or `format`.
  router.get(expressPath(modelCardOf), async (request, response) => {
    const { version, environment, format, ...asked } = parseRequest(modelCardOf, request);
    const { feature = '' } = request.params as { feature?: string };
    const card: ModelCard = await modelCardFor(deps, {
      feature,
      version: version.map(({ dimension, value }) => ({ dimension: dimension as VersionDimension, value })),
      environment,
      ...rangeOf(asked, nowMs()),
    });
    const wanted =
      format ?? (request.accepts(['application/json', 'text/markdown']) === 'text/markdown' ? 'md' : 'json');
    if (wanted === 'json') return void response.json(card);
    response.type('text/markdown; charset=utf-8');
    if (format === 'md') response.set('content-disposition', `attachment; filename="${fileName(feature)}"`);
    response.send(cardMarkdown(card, baseUrl()));
  });
  serve(router, listCardTexts, async (_asked, { params: { feature } }) => {
    const rows = await listCardTextRows(state, { projectId, feature });
    return {
      texts: rows.map(({ kind, version, text, author, written_at }) => ({
        ...{ kind, version, text, author, written_at },
      })),
    };
  });
  serve(router, putCardTexts, async ({ author, ...said }, { params: { feature } }) => {
    const texts = cardTextKinds.flatMap(kind => {
      const text = said[kind];
      return text === undefined ? [] : [{ kind, text }];
    });
    const at = new Date(nowMs()).toISOString();
    await addCardTexts(state, { projectId, feature }, texts, { author, at });
    return { texts: await cardTextsOf(state, projectId, feature) };
  });
}

/** What every file system takes. */
const fileName = (feature: string) => `model-card-${feature.replace(/[^\w.-]+/g, '-').slice(0, 100)}.md`;
