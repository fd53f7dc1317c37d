/**
 * Tokens as mteval-v13a makes them, which is what sacreBLEU does by default (Post 2018, "A Call for Clarity in Reporting BLEU
 * Scores"): punctuation stands apart, except a point or comma between digits.
 */
export function tokens13a(text: string): string[] {
  const plain = text
    .trimEnd()
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  const apart = ` ${plain} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll(/([^0-9])([.,])/g, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/g, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ')
    .trim();
  return apart === '' ? [] : apart.split(/\s+/);
}
