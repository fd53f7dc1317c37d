import { useRef } from 'react';
import type { ScoreSpread as Group } from '#contract/score-distribution.ts';
import { type SpreadDrawing, SpreadPanel } from '../../charts/spread-panel.tsx';
import { useNear } from '../../charts/use-size.ts';
import { type Spread, useSpread } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { useView } from '../../state/use-view.ts';
import { comparedRange, compareLabels, whereOf } from '../../state/view.ts';
import { Empty } from '../../states/empty.tsx';
import type { Asked } from '../../states/panel.tsx';

interface Spreads {
  now: Spread;
  /** Null without a comparison, or when nothing was scored then. */
  before: Spread | null;
}

/** Which values stand behind the mean, now and before: a mean that fell may be all calls a little, or a few entirely. */
export function ScoreSpread({ score }: { score: string }) {
  const { view } = useView();
  const box = useRef<HTMLDivElement>(null);
  const query = useSpreads(score, useNear(box));
  return (
    <div ref={box} className="min-w-0 *:h-full">
      <SpreadPanel
        title={`${score}, spread`}
        what="the spread"
        query={query}
        height={196}
        empty={({ now }) => (now.groups.some(({ n }) => n > 0) ? null : <Empty what="scores" />)}
        draw={spreads => drawing(spreads, compareLabels[view.cmp])}
      />
    </div>
  );
}

function useSpreads(score: string, isNear: boolean): Asked<Spreads> {
  const { view } = useView();
  const where = whereOf(view);
  const range = comparedRange(view, Date.now());
  const now = useSpread({ score, from: view.from, to: view.to, where }, isNear);
  const before = useSpread(
    { score, ...(range ?? { from: view.from, to: view.to }), where },
    isNear && range !== null,
  );
  const known = range === null || before.data !== undefined || before.error !== null;
  return {
    ...now,
    data: now.data && known ? { now: now.data, before: range ? (before.data ?? null) : null } : undefined,
  };
}

function drawing({ now, before }: Spreads, period: string): SpreadDrawing {
  const group = now.groups[0];
  // Bins of other bounds cannot lie over these.
  const same = before?.edges.every((edge, at) => edge === now.edges[at]) ? before.groups[0] : undefined;
  const was = same && same.n > 0 ? same : undefined;
  const series = [
    ...(was ? [{ name: period, color: 'muted' as const, shares: was.shares, counts: was.counts }] : []),
    { name: 'Now', color: 'accent' as const, shares: group?.shares ?? [], counts: group?.counts ?? [] },
  ];
  const note = noteOf(now, group, was);
  return {
    label: `Histogram of ${now.score ?? 'the score'}. ${note}`.trim(),
    edges: now.edges,
    series,
    note,
  };
}

/** Who is in the bad half, and who is in no bin at all. */
function noteOf(spread: Spread, now: Group | undefined, before: Group | undefined): string {
  const [bad, was] = [now, before].map(group => (group ? badShare(spread, group) : null));
  const side = spread.better === 'higher' ? 'below' : 'above';
  const parts = [
    bad !== null && bad !== undefined
      ? `${format.percent(bad)} ${side} 0.50${was === null || was === undefined ? '' : `, before ${format.percent(was)}`}.`
      : '',
    now && now.unscored > 0 ? `${format.count(now.unscored)} calls without this score are in no bin.` : '',
  ];
  return parts.filter(Boolean).join(' ');
}

/** Share of scores in the bad half of 0 to 1; null when the score is on another scale or missing. */
export function badShare(
  { edges, better }: Pick<Spread, 'edges' | 'better'>,
  { shares }: Pick<Group, 'shares'>,
): number | null {
  if (shares.length === 0 || edges[0] !== 0 || edges.at(-1) !== 1) return null;
  return shares.reduce((sum, share, at) => {
    const middle = ((edges[at] as number) + (edges[at + 1] as number)) / 2;
    return (better === 'higher' ? middle < 0.5 : middle > 0.5) ? sum + share : sum;
  }, 0);
}
