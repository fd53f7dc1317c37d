import { instantMs } from '#contract/range.ts';
import { readSetting } from '#store/state/settings.ts';
import { HttpProblem } from './problem.ts';
import type { Services } from './services.ts';

/** The asked time range as Unix milliseconds, [fromMs, toMs); an empty or reversed one is a problem. */
export function rangeOf(
  { from, to }: { from: string; to: string },
  nowMs: number,
): { fromMs: number; toMs: number } {
  const range = { fromMs: instantMs(from, nowMs), toMs: instantMs(to, nowMs) };
  if (range.fromMs >= range.toMs) throw new HttpProblem(400, `from: ${from} is not before to: ${to}`);
  return range;
}

/** The zone that decides days, weeks and months when the question names none. */
export async function reportingZone({ state, about }: Pick<Services, 'state' | 'about'>): Promise<string> {
  return (await readSetting(state, 'reporting_zone')) ?? about.reportingZone;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
