import type { Router } from 'express';
import type { ReplyOf } from '#contract/endpoint.ts';
import { startDemo, stopDemo } from '#contract/onboarding.ts';
import { removeDemoData } from '../remove-demo-data.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function demoRoutes(router: Router, services: Services): void {
  const { demo } = services;
  serve(router, startDemo, async (): Promise<ReplyOf<typeof startDemo>> => {
    const { state } = await demo.start();
    return { state: state === 'live' ? 'live' : 'filling' };
  });

  serve(router, stopDemo, async (): Promise<ReplyOf<typeof stopDemo>> => {
    await demo.stop();
    await removeDemoData(services);
    return { state: 'off' };
  });
}
