// Scripts written without spaces between words: there every character is a token.
const token =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+?(?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\p{L}\p{M}\p{N}]|$)/gu;

/** Lower-case words and numbers without punctuation, in any script. For ASCII the same as the tokens of rouge_score. */
export function words(text: string): string[] {
  return text.toLowerCase().normalize('NFC').match(token) ?? [];
}

/** Sentences and lines with at least one word. */
export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?…]["'”’)\]]{0,3})\s+|(?<=[。！？])|\n+/u)
    .map(sentence => sentence.trim())
    .filter(sentence => /[\p{L}\p{N}]/u.test(sentence));
}
