import type { AnchorSource } from '#contract/judge.ts';
import type { JudgeState } from '../../data/judge.ts';
import { format } from '../../format.ts';

export const sourceLabels: Record<AnchorSource, string> = {
  judged: 'Answers it scored',
  labelled: 'Answers people scored',
  golden: 'A golden set',
};

export const sourceHelp: Record<AnchorSource, string> = {
  judged: 'Of the last seven days, over the whole scale of its scores.',
  labelled: 'Of the last 90 days, over the whole scale of what people said; a correction is the reference.',
  golden: 'Answers of the newest runs, a case of each in turn.',
};

/** Where a frozen set is from, as a part of a sentence; '' when nobody knows. */
export function sourceText(source: string): string {
  if (source.startsWith('golden ')) return `answers of golden set ${source.slice(7)}`;
  const known: Record<string, string> = {
    judged: 'answers it had scored',
    labelled: 'answers people had scored',
    given: 'examples given through the API',
  };
  return known[source] ?? '';
}

/** How many questions freezing asks, and what they may cost where prices are known. */
export function questionsText(
  examples: number,
  firstScores: number,
  spend: Pick<JudgeState['spend'], 'spent_usd' | 'calls' | 'unpriced_calls'>,
): string {
  const questions = examples * firstScores;
  const said = manyOf(questions, 'question');
  const priced = spend.calls - spend.unpriced_calls;
  const each = priced > 0 ? Number(spend.spent_usd) / priced : 0;
  return each > 0
    ? `${said}, about ${format.usd(questions * each)} at what a question costs today.`
    : `${said}.`;
}

/** `1 question`, `241 questions`. */
export const manyOf = (count: number, word: string) =>
  `${format.full(count)} ${word}${count === 1 ? '' : 's'}`;
