import type { Score } from '#contract/score.ts';
import { format } from '../../format.ts';

/** Judgements with who made them and why. */
export function ScoreList({ scores }: { scores: Score[] }) {
  return (
    <ul className="flex flex-col gap-2">
      {scores.map(score => (
        <li key={score.score_id}>
          <p className="flex items-baseline justify-between gap-3">
            <span className="min-w-0 break-words">
              {score.name}
              <span className="ml-2 text-label text-muted">
                {[score.source, score.span_id === '' ? 'whole trace' : ''].filter(Boolean).join(', ')}
              </span>
            </span>
            <span className="font-semibold whitespace-nowrap">
              {[score.value === null ? '' : format.score(score.value), score.label].filter(Boolean).join(' ')}
            </span>
          </p>
          {score.explanation && <p className="break-words text-muted">{score.explanation}</p>}
        </li>
      ))}
    </ul>
  );
}
