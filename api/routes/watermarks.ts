import type { Router } from 'express';
import { readWatermarks } from '#alerts/watermarks.ts';
import { watermarks } from '#contract/watermark.ts';
import { completeUntil } from '../complete-until.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function watermarksRoutes(router: Router, services: Services): void {
  serve(router, watermarks, async ({ where }) => {
    const { sources } = await readWatermarks(services, where, services.nowMs());
    return { complete_until: await completeUntil(services, where), sources };
  });
}
