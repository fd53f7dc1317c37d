import { z } from 'zod';
import { defineEvaluator, notJudged } from './evaluator.ts';
import { frequentWords, scripts } from './language-words.ts';

const lookedAtCharacters = 4_000;
const code = /\b(?:https?:\/\/\S+)|```[\s\S]*?(?:```|$)|`[^`\n]*`/g;

/**
 * ISO 639-1 code of the language a text is mostly in; null when too little tells. By script, and within Latin by frequent words. Cyrillic
 * counts as `ru` unless it has letters of Ukrainian or Bulgarian only; other languages of a script are taken for its largest one.
 */
export function languageOf(text: string): string | null {
  const prose = text.slice(0, lookedAtCharacters).replaceAll(code, ' ');
  const letters = prose.match(/\p{L}/gu)?.length ?? 0;
  if (letters < 2) return null;
  // A third of kana makes Japanese, which has Chinese characters too.
  const byScript = scripts.find(([language, script]) => {
    const share = (prose.match(script)?.length ?? 0) / letters;
    return share > (language === 'ja' ? 0.15 : 0.5);
  });
  if (byScript) return byScript[0] === 'ru' ? cyrillic(prose) : byScript[0];
  return latin(prose);
}

function cyrillic(prose: string): string {
  if (/[іїєґ]/i.test(prose) && !/[ыэъё]/i.test(prose)) return 'uk';
  return /ъ/i.test(prose) && !/[ыэё]/i.test(prose) ? 'bg' : 'ru';
}

/** At least two frequent words, and a sixth more than the next language: neighbours share many. */
function latin(prose: string): string | null {
  const tokens = prose.toLowerCase().match(/\p{L}+/gu) ?? [];
  const counts = Object.entries(frequentWords).map(([language, frequent]) => {
    const known = new Set(frequent);
    return [language, tokens.filter(token => known.has(token)).length] as const;
  });
  const [first, second] = counts.sort((one, other) => other[1] - one[1]);
  if (!first || first[1] < 2 || first[1] < tokens.length * 0.08) return null;
  return second && second[1] * 7 > first[1] * 6 ? null : first[0];
}

export const language = defineEvaluator({
  name: 'language',
  version: 1,
  kind: 'rule',
  summary:
    'The answer is in the expected language: the one set, the one of the case, or that of the question',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({
    expected: z
      .string()
      .regex(/^[a-z]{2}$/)
      .optional()
      .describe('ISO 639-1 code; default: the language of the case, else that of the question'),
  }),
  score(example, { expected }) {
    const wanted = expected ?? example.language ?? (example.input ? languageOf(example.input) : null);
    if (!wanted) return notJudged('the expected language is not known');
    const found = languageOf(example.output);
    if (!found) return notJudged('the language cannot be told from so little text');
    return { value: found === wanted ? 1 : 0, label: found, explanation: `expected ${wanted}` };
  },
});
