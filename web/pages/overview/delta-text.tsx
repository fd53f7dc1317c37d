import type { Delta } from '../../delta.ts';
import { classes } from '../../ui/classes.ts';

const TONES = { good: 'text-good', bad: 'text-critical', neutral: 'text-muted' };

/** A change: arrow, signed amount and a word; the colour only repeats the word. */
export function DeltaText({ delta, words = true }: { delta: Delta; words?: boolean }) {
  const hasWord = delta.word !== '';
  return (
    <span className={classes('text-label whitespace-nowrap', TONES[delta.tone])}>
      {hasWord && (
        <span aria-hidden className="mr-1">
          {delta.arrow}
        </span>
      )}
      {delta.text}
      {hasWord && (
        <span className={words ? undefined : 'sr-only'}>
          {delta.text && ' '}
          {delta.word}
        </span>
      )}
    </span>
  );
}
