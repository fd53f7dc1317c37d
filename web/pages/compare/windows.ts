import { DAY_MS } from '../../clock.ts';
import { absolute, earlier, type Range, spanMs } from '../../state/range.ts';

/** How far before the shown time the window lies that it is compared with. */
export const windowChoices = ['before', 'day', 'week', 'weeks', 'own'] as const;
export type WindowChoice = (typeof windowChoices)[number];

export const windowLabels: Record<WindowChoice, string> = {
  before: 'The time just before',
  day: 'A day earlier',
  week: 'A week earlier',
  weeks: 'Four weeks earlier',
  own: 'A time of its own',
};

/** The window to compare with: as long as the shown one, unless it has times of its own. */
export function controlWindow(
  view: Range,
  { w, wf, wt }: { w: WindowChoice; wf?: string | undefined; wt?: string | undefined },
  nowMs: number,
): Range {
  if (w === 'own' && wf && wt) return { from: wf, to: wt };
  const span = spanMs(view, nowMs);
  const offsets: Record<WindowChoice, number> = {
    before: span,
    own: span,
    day: DAY_MS,
    week: 7 * DAY_MS,
    weeks: 28 * DAY_MS,
  };
  return earlier(view, offsets[w]);
}

/** For a field of date and time, in the viewer's zone; empty for what is no time. */
export function fieldOf(ms: number): string {
  if (Number.isNaN(ms)) return '';
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** What two such fields say, or null when that is no time range. */
export function rangeOfFields(from: string, to: string): Range | null {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return fromMs < toMs ? absolute(fromMs, toMs) : null;
}
