import type { Router } from 'express';
import { onboarding } from '#contract/onboarding.ts';
import { firstSpan, lastReject } from '#store/queries/onboarding.ts';
import { reportingZone } from '../asked.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function onboardingRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, about, demo } = services;
  serve(router, onboarding, async () => {
    const [first, reject, zone, privacy] = await Promise.all([
      firstSpan(clickhouse, projectId),
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
