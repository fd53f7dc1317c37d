import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';

/** [1], [2, 3], [^4], [doc-7], (source: …), 【4†source】, a link in Markdown or a bare one, as assistants cite. */
const citation =
  /\[\^?\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]|\[(?:doc|source|ref)[-_ ]?\w{1,40}\]|【[^】\n]{1,80}】|\((?:source|quelle|fuente|see)s?:[^)\n]{1,300}\)|\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)|https?:\/\/[^\s)\]]{3,500}|<sup>\d{1,3}<\/sup>/gi;

export const citationPresent = defineEvaluator({
  name: 'citation_present',
  version: 1,
  kind: 'rule',
  summary: 'The answer names its sources',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({ at_least: z.int().min(1).max(50).default(1) }),
  score({ output }, { at_least }) {
    const found = new Set(output.match(citation) ?? []);
    return {
      value: found.size >= at_least ? 1 : 0,
      label: found.size >= at_least ? 'cited' : 'uncited',
      explanation: `${found.size} different`,
    };
  },
});
