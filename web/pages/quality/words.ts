import type { EvaluatorInfo } from '#contract/evaluator.ts';
import type { ScoreEstimate } from '#contract/quality.ts';
import { points } from '../../delta.ts';
import { type Format, MISSING, signed } from '../../format.ts';
import type { Better, Change } from './change.ts';

type Estimate = Pick<ScoreEstimate, 'value' | 'low' | 'high'>;

/** Which way a score is good: as its evaluator says, else more is better. */
export const betterOf = (score: string | null, evaluators: readonly EvaluatorInfo[] | undefined): Better =>
  evaluators?.find(({ name }) => name === score)?.direction ?? 'higher';

/** `0.80 – 0.84`; empty when it cannot be told. */
export function intervalText(format: Format, { low, high }: Pick<Estimate, 'low' | 'high'>): string {
  if (low === null || high === null) return '';
  // Two places would make a narrow interval look like none.
  const places = high - low < NARROW ? 3 : 2;
  return `${format.score(low, places)} – ${format.score(high, places)}`;
}

const NARROW = 0.03;

/** `−9 pts`: points are hundredths of the score. */
export function changeText(format: Format, change: Change | null): string {
  if (change === null) return MISSING;
  return signed(points(format, Math.abs(change.difference) * 100), Math.round(change.difference * 1000));
}

/** How sure the change is, for its title. */
export function changeTitle(format: Format, change: Change | null): string {
  if (change === null) return 'Not scored in both times';
  if (change.low === null || change.high === null) return 'Too few scores to tell whether it changed';
  const [low, high] = [change.low, change.high].map(one =>
    signed(points(format, Math.abs(one) * 100), Math.round(one * 1000)),
  );
  return `Between ${low} and ${high} (95 %)${change.sure ? '' : ', which may be chance'}`;
}

/** One feature with how it changed, null without a comparison. */
interface Judged {
  name: string;
  change: Change | null;
}

interface Headline {
  status: 'critical' | 'good' | 'neutral';
  text: string;
}

const others = (count: number) => (count === 1 ? ' and 1 more' : ` and ${count} more`);

interface HeadlineOf {
  score: string;
  /** All features together, and how that changed. */
  total: Estimate | null;
  totalChange: Change | null;
  compared: boolean;
}

/** Which feature is getting better or worse, the worst first. Only what is sure is said to be so. */
export function headline(
  format: Format,
  features: readonly Judged[],
  { score, total, totalChange, compared }: HeadlineOf,
): Headline {
  const said = (verdict: 'better' | 'worse') =>
    features
      .filter(({ change }) => change?.verdict === verdict)
      .sort((a, b) => Math.abs(b.change!.difference) - Math.abs(a.change!.difference));
  for (const verdict of ['worse', 'better'] as const) {
    const [first, ...more] = said(verdict);
    if (!first) continue;
    const size = points(format, Math.abs(first.change!.difference) * 100);
    const way = first.change!.difference < 0 ? 'lower' : 'higher';
    return {
      status: verdict === 'worse' ? 'critical' : 'good',
      text: `${first.name}${more.length > 0 ? others(more.length) : ''} got ${verdict}: ${size} ${way}`,
    };
  }
  if (totalChange?.verdict) {
    const size = points(format, Math.abs(totalChange.difference) * 100);
    const way = totalChange.difference < 0 ? 'lower' : 'higher';
    return {
      status: totalChange.verdict === 'worse' ? 'critical' : 'good',
      text: `${score} got ${totalChange.verdict}: ${size} ${way} over all features, not surely in any single one`,
    };
  }
  if (compared && features.some(({ change }) => change !== null && change.low !== null))
    return { status: 'neutral', text: 'No feature got surely better or worse' };
  if (total?.value !== null && total !== null)
    return { status: 'neutral', text: `${score} is ${format.score(total.value)}` };
  return { status: 'neutral', text: 'Nothing was scored in this time' };
}

/** `weighted` estimates speak for all calls; the others only for what was scored. */
export const basisText: Record<ScoreEstimate['basis'], string> = {
  weighted:
    'Each score counts by the inverse of its chance of being chosen, so that the sample speaks for all calls',
  unknown: 'Nobody knows with what chance these calls were scored, so this speaks for the scored ones only',
  none: 'Nothing was scored',
};
