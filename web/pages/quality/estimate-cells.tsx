import type { ScoreEstimate } from '#contract/quality.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import type { Change } from './change.ts';
import { basisText, changeText, changeTitle, intervalText } from './words.ts';

/** A mean with its interval. */
export function Mean({ estimate }: { estimate: ScoreEstimate }) {
  const interval = intervalText(format, estimate);
  return (
    <span title={basisText[estimate.basis]} className="whitespace-nowrap">
      <span className="font-semibold">{format.score(estimate.value)}</span>
      {interval && <span className="ml-2 text-label text-muted">{interval}</span>}
    </span>
  );
}

/** How many scores, and how many equally weighted ones would be as sure. */
export function Sizes({ estimate: { n, effective_n, left_out } }: { estimate: ScoreEstimate }) {
  const effective = Math.round(effective_n);
  const left = left_out > 0 ? `; ${format.full(left_out)} without a known chance are left out` : '';
  return (
    <span
      className="whitespace-nowrap"
      title={`${format.full(n)} scores, as sure as ${format.full(effective)} equally weighted ones${left}`}
    >
      {format.count(n)}
      {effective < n && <span className="text-label text-muted"> ({format.count(effective)} eff.)</span>}
    </span>
  );
}

export function Coverage({ estimate: { coverage, calls } }: { estimate: ScoreEstimate }) {
  const title = coverage === null ? 'No calls' : `of ${format.full(calls)} calls`;
  return <span title={title}>{format.percent(coverage)}</span>;
}

const TONES = { better: 'text-good', worse: 'text-critical' };
const ARROWS = { up: '↑', down: '↓' };

/** A change in points; only what is sure has a colour and a word. */
export function ChangeCell({ change }: { change: Change | null }) {
  const verdict = change?.verdict ?? null;
  return (
    <span
      title={changeTitle(format, change)}
      className={classes('whitespace-nowrap', verdict ? TONES[verdict] : 'text-muted')}
    >
      {change?.sure && (
        <span aria-hidden className="mr-1">
          {change.difference > 0 ? ARROWS.up : ARROWS.down}
        </span>
      )}
      {changeText(format, change)}
      {verdict ? ` ${verdict}` : change && !change.sure && <span className="sr-only">, not sure</span>}
    </span>
  );
}
