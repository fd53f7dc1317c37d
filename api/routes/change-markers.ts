import type { Router } from 'express';
import { changeMarkers, setChangeMarker } from '#alerts/change-markers.ts';
import { listChangeMarkers, postChangeMarker } from '#contract/change-marker.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** What pipelines and people say they changed. */
export function changeMarkerRoutes(router: Router, { alerts }: Services): void {
  serve(router, postChangeMarker, asked => setChangeMarker(alerts, asked));
  serve(router, listChangeMarkers, async asked => ({ markers: await changeMarkers(alerts, asked) }));
}
