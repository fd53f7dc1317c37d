import type { Verdict } from './evaluator.ts';

/** The verdict on a defect: 1 when it is there. */
export function defect(isThere: boolean, there: string, absent: string, explanation = ''): Verdict {
  return { value: isThere ? 1 : 0, label: isThere ? there : absent, explanation: isThere ? explanation : '' };
}

/** A piece of text short enough for an explanation. */
export function excerpt(text: string, longest = 120): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
