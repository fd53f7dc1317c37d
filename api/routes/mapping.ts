import type { Router } from 'express';
import {
  getMapping,
  type MappedField,
  type Mapping,
  mappedFields,
  mapping as mappingShape,
  putMapping,
  readMapped,
  testMapping,
} from '#contract/mapping.ts';
import { type MappableSpan, mappableSpansOf, recentMappableSpans } from '#store/queries/mappable-spans.ts';
import { readSetting, writeSetting } from '#store/state/settings.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function mappingRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;

  serve(router, getMapping, async () => {
    return (await readSetting(state, 'mapping')) ?? { mapping: mappingShape.parse({}), changed_at: null };
  });

  serve(router, putMapping, async ({ mapping }) => {
    const setting = { mapping, changed_at: new Date(nowMs()).toISOString() };
    await writeSetting(state, 'mapping', setting);
    return setting;
  });

  serve(router, testMapping, async ({ mapping, trace_id, span_id }) => {
    const traceId = trace_id?.toLowerCase();
    const spanId = span_id?.toLowerCase();
    if (spanId !== undefined && traceId === undefined)
      throw new HttpProblem(400, 'span_id: name its trace_id too');
    const spans =
      traceId === undefined
        ? await recentMappableSpans(clickhouse, projectId)
        : await mappableSpansOf(clickhouse, { projectId, traceId, spanId });
    if (spanId !== undefined && spans.length === 0)
      throw notFound(`There is no span ${spanId} in trace ${traceId}.`);
    return { spans: spans.map(span => tried(span, mapping)) };
  });
}

function tried({ ledger, outcome, ...span }: MappableSpan, mapping: Mapping) {
  const current = (field: MappedField) => (field === 'outcome' ? outcome : ledger?.[field]) || null;
  const fields = mappedFields.map(field => {
    const found = readMapped(mapping[field], span.attributes, span.resource);
    return {
      field,
      configured: found?.value ?? null,
      key: found?.key ?? null,
      current: current(field),
    };
  });
  return { ...span, fields };
}
