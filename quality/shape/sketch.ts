import { languageOf } from '../evaluators/language.ts';
import { frequentWords } from '../evaluators/language-words.ts';
import { words } from '../evaluators/words.ts';

/** What is kept of one text: enough to compare many of them, too little to tell what was said. */
export interface Sketch {
  /** ISO 639-1, or `?` when too little tells. */
  language: string;
  /** Bins of its distinct content words, 0 to 63. */
  topics: number[];
}

const unknownLanguage = '?';
const topicBins = 64;
const lookedAtCharacters = 4_000;
const noWords: ReadonlySet<string> = new Set();
const frequentOf = new Map(Object.entries(frequentWords).map(([code, list]) => [code, new Set(list)]));
// Scripts whose words are single characters here; elsewhere short words say little about a topic.
const wordless = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u;

/** Language and topic of a text; null for a text without a word. */
export function sketchOf(text: string): Sketch | null {
  const looked = text.slice(0, lookedAtCharacters);
  if (words(looked).length === 0) return null;
  const language = languageOf(looked) ?? unknownLanguage;
  return { language, topics: [...contentOf(looked, language)].map(topicBin) };
}

/** The distinct words of a text that say what it is about. */
export function contentWords(text: string): ReadonlySet<string> {
  const looked = text.slice(0, lookedAtCharacters);
  return contentOf(looked, languageOf(looked) ?? unknownLanguage);
}

function contentOf(text: string, language: string): Set<string> {
  const frequent = frequentOf.get(language) ?? noWords;
  const isContent = (word: string) =>
    !frequent.has(word) && (word.length > 3 ? /\p{L}/u.test(word) : wordless.test(word));
  return new Set(words(text).filter(isContent));
}

/** FNV-1a over UTF-16 units, folded to 6 bits: which words share a bin is chance, and the same everywhere. */
function topicBin(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  }
  return ((hash ^ (hash >>> 13)) >>> 0) % topicBins;
}
