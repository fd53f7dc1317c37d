import { format, MISSING } from '../../format.ts';

/** `+240 %` or `−35 %`; what is not known is missing. */
export function returnText(ratio: number | null): string {
  if (ratio === null) return MISSING;
  const size = format.percent(Math.abs(ratio));
  return ratio > 0 ? `+${size}` : ratio < 0 ? `−${size}` : size;
}

/** What a return means, for the title of its figure. */
export function returnSentence(ratio: number | null): string {
  if (ratio === null) return 'No outcome says what it was worth, or nothing was spent.';
  return `Every dollar spent came back as ${format.usd(1 + ratio)}.`;
}

export const joinWords = {
  response: 'by response',
  trace: 'by trace',
  session: 'by session',
  user: 'by user',
} as const;
