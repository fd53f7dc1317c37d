import type { Router } from 'express';
import { onboarding } from '#contract/onboarding.ts';
import { lastReject } from '#store/queries/onboarding.ts';
import { reportingZone } from '../asked.ts';
import { createFirstSpan } from '../first-span.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function onboardingRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, about, demo } = services;
  const firstSpan = createFirstSpan({
    clickhouse,
    projectId,
    nowMs: services.nowMs,
    hasDemo: () => demo.state().state !== 'off',
  });
  serve(router, onboarding, async () => {
    const [first, reject, zone, privacy] = await Promise.all([
      firstSpan(),
      lastReject(clickhouse, projectId),
      reportingZone(services),
      services.privacy(),
    ]);
    return {
      otlp_http: about.otlpHttpUrl,
      otlp_grpc: about.otlpGrpcUrl,
      key_required: about.keyRequired,
      local_mode: about.localMode,
      content_captured: privacy.contentCaptured,
      reporting_zone: zone,
      first_span: first,
      last_reject: reject,
      demo: demo.state(),
    };
  });
}
