import type { Dimension } from '#contract/dimension.ts';
import type { ScoreSpread } from '#contract/score-distribution.ts';
import type { SpreadSeries } from '../../charts/spread.ts';
import { type SpreadDrawing, SpreadPanel } from '../../charts/spread-panel.tsx';
import { type Spread, useSpread } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { writeFilters } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { Note } from '../../states/note.tsx';
import { badShare } from '../quality/score-spread.tsx';

interface ArmsSpreadProps {
  by: Dimension;
  a: string;
  b: string;
  /** Null: nothing is scored. */
  score: string | null;
}

/** How the score of A and of B is spread: a mean that fell may be all calls a little, or a few of them entirely. */
export function ArmsSpread({ by, a, b, score }: ArmsSpreadProps) {
  const { view } = useView();
  const rest = view.filters.filter(({ dimension }) => dimension !== by);
  const query = useSpread(
    {
      score: score ?? undefined,
      group_by: by,
      from: view.from,
      to: view.to,
      where: writeFilters([
        ...rest,
        ...(view.env && by !== 'environment' ? [{ dimension: 'environment' as const, value: view.env }] : []),
        { dimension: by, value: a },
        { dimension: by, value: b },
      ]),
    },
    score !== null,
  );
  const of = (data: Spread, value: string) => data.groups.find(({ key }) => key[by] === value);
  return (
    <SpreadPanel
      title={`${score ?? 'Score'} of both, spread`}
      what="the spread"
      query={score === null ? { ...query, data: EMPTY } : query}
      height={160}
      empty={data =>
        data.groups.some(({ n }) => n > 0) ? null : <Note title="Neither of them has a score." />
      }
      draw={data => drawing(data, of(data, a), of(data, b))}
    />
  );
}

const EMPTY: Spread = { score: null, better: 'higher', edges: [], groups: [], truncated: false };

function drawing(data: Spread, a: ScoreSpread | undefined, b: ScoreSpread | undefined): SpreadDrawing {
  const one = (name: string, color: 'muted' | 'accent', group: ScoreSpread | undefined): SpreadSeries => ({
    name,
    color,
    shares: group?.shares ?? [],
    counts: group?.counts ?? [],
  });
  const series = [one('Control (A)', 'muted', a), one('Candidate (B)', 'accent', b)];
  const bad = (group: ScoreSpread | undefined) => (group ? badShare(data, group) : null);
  const [ofA, ofB] = [bad(a), bad(b)];
  const note =
    ofA === null || ofB === null
      ? undefined
      : `${data.better === 'higher' ? 'Below' : 'Above'} 0.50: ${format.percent(ofA)} of A, ${format.percent(ofB)} of B.`;
  return { label: `Histogram of both. ${note ?? ''}`.trim(), edges: data.edges, series, note };
}
