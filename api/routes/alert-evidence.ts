import type { Router } from 'express';
import { alertChartSvg } from '#alerts/alert-picture.ts';
import { incidentEvidence } from '#alerts/detail.ts';
import { verifyEvidence } from '#alerts/where/verify.ts';
import { alertChart, alertEvidence, verifyAlert } from '#contract/explanation.ts';
import { notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

/** What an incident's numbers were computed from, the proof that they follow from it, and its chart. */
export function alertEvidenceRoutes(router: Router, { alerts }: Services): void {
  serveFile(router, alertEvidence, async (_asked, params) => {
    const evidence = await incidentEvidence(alerts, params.id!);
    if (!evidence) throw notFound(`There is no evidence of an alert ${params.id}.`);
    return file(`${params.id}.evidence.json`, 'application/json', JSON.stringify(evidence, null, 1));
  });

  serveFile(router, alertChart, async (look, params) => {
    const svg = await alertChartSvg(alerts, params.id!, look);
    if (svg === null) throw notFound(`There is no alert ${params.id}.`);
    return file(`${params.id}.svg`, 'image/svg+xml', svg);
  });

  serve(router, verifyAlert, async (_asked, { params }) => {
    const evidence = await incidentEvidence(alerts, params.id);
    if (!evidence) throw notFound(`There is no evidence of an alert ${params.id}.`);
    return verifyEvidence(alerts, evidence);
  });
}

const file = (name: string, contentType: string, text: string) => ({
  name,
  contentType,
  async *stream() {
    yield Buffer.from(text);
  },
});
