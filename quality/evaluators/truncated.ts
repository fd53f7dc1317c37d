import { z } from 'zod';
import { defineEvaluator, notJudged } from './evaluator.ts';
import { defect, excerpt } from './yes-no.ts';

/** What ends a sentence, closes a quote, a list, a block of code or a table, or is a sign of its own. */
const wholeEnd = /[.!?…。！？؟।:;)\]}>"'”’»」』`|*_~]$|\p{Extended_Pictographic}\uFE0F?$/u;
/** A short answer is often no sentence: a name, a number, a heading. */
const shortestWords = 8;
const danglingWord =
  /\b(?:and|or|but|the|a|an|of|to|with|for|in|on|that|which|because|und|oder|der|die|das|mit|et|ou|le|la|les|de|des|avec|y|o|el|los|con|que)$|,$/i;

export const truncated = defineEvaluator({
  name: 'truncated',
  version: 1,
  kind: 'rule',
  summary: 'The answer was cut off: by its length limit, or in the middle of a sentence',
  needs: [],
  direction: 'lower',
  settings: z.object({}),
  score({ finishReason, output, toolCalls }) {
    if (finishReason === 'length') return defect(true, 'truncated', '', 'the length limit was reached');
    if (finishReason || toolCalls?.length) return defect(false, '', 'whole');
    if (output === undefined) return notJudged('neither a finish reason nor the text is known');
    return defect(isCut(output), 'truncated', 'whole', `ends with "${excerpt(output.slice(-60))}"`);
  },
});

/** Without a finish reason only the text tells. */
function isCut(text: string): boolean {
  const trimmed = text.trimEnd();
  const openFence = (trimmed.match(/^```/gm)?.length ?? 0) % 2 === 1;
  if (openFence || danglingWord.test(trimmed)) return trimmed !== '';
  const lastLine = trimmed.slice(trimmed.lastIndexOf('\n') + 1);
  const isProse = lastLine.split(/\s+/).length >= shortestWords && !/^\s*(?:[-*+•]|\d+[.)]|#)/.test(lastLine);
  return isProse && !wholeEnd.test(trimmed);
}
