import type { Router } from 'express';
import { readWatermarks } from '#alerts/watermarks.ts';
import { compareChosenWindows } from '#alerts/windows/compare.ts';
import { compareTests } from '#contract/compare-tests.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function compareTestsRoutes(router: Router, services: Services): void {
  serve(router, compareTests, async asked => {
    const nowMs = services.nowMs();
    const { control_from: from = asked.from, control_to: to = asked.to, where, level } = asked;
    const candidate = { ...rangeOf(asked, nowMs), conditions: asked.candidate };
    const control = { ...rangeOf({ from, to }, nowMs), conditions: asked.control };
    if (JSON.stringify(control) === JSON.stringify(candidate)) {
      throw new HttpProblem(
        400,
        'control and candidate are the same calls: name another window or condition',
      );
    }
    const { completeUntilMs } = await readWatermarks(services, where, nowMs);
    return compareChosenWindows(services, { control, candidate, where, level, completeUntilMs });
  });
}
