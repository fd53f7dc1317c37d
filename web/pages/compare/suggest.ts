import type { Dimension } from '#contract/dimension.ts';

interface Used {
  value: string;
  calls: number;
}

/** What a value is a version of: `support-answer` of `support-answer v13`; all models or variants are of one kind. */
const subjectOf = (by: Dimension, value: string) => (by === 'prompt' ? value.replace(/\s+\S+$/, '') : '');

/** Control and candidate to begin with: the two most used of one kind, the older version first; null without two. */
export function suggested(by: Dimension, used: readonly Used[]): { a: string; b: string } | null {
  const seen = new Map<string, string>();
  for (const { value } of [...used].sort((a, b) => b.calls - a.calls)) {
    if (!value) continue;
    const subject = subjectOf(by, value);
    const first = seen.get(subject);
    if (first === undefined) seen.set(subject, value);
    else {
      const [a = first, b = value] = [first, value].sort((x, y) =>
        x.localeCompare(y, 'en', { numeric: true }),
      );
      return { a, b };
    }
  }
  return null;
}
