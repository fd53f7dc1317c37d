import type { Router } from 'express';
import { startDemo, stopDemo } from '#contract/onboarding.ts';
import { removeDemoData } from '../remove-demo-data.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function demoRoutes(router: Router, services: Services): void {
  const { demo } = services;
  serve(router, startDemo, async _asked => {
    const { state } = await demo.start();
    return { state: state === 'live' ? 'live' : 'filling' };
  });

  serve(router, stopDemo, async _asked => {
    await demo.stop();
    await removeDemoData(services);
    return { state: 'off' };
  });
}
