import type { Found } from './detector.ts';

const isLocal = /[\p{L}\p{M}\p{N}._%+'’~!#$^*-]/u;
const isEdge = /[\p{L}\p{M}\p{N}_]/u;
/** At the place after the @: labels, a dot, and a name of letters (or punycode) at the end. */
const domain =
  /(?:[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,62})\.){1,16}(?:xn--[a-z0-9-]{2,59}|\p{L}[\p{L}\p{M}]{1,62})/iuy;

/**
 * E-mail addresses. It goes from @ to @ and looks to both sides as far as the next @, because a pattern that begins with
 * "any number of letters" takes quadratic time on letters.
 */
export function findEmails(text: string): Found[] {
  const all: Found[] = [];
  let from = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = startOfLocal(text, at, from);
    if (start === at) continue;
    domain.lastIndex = at + 1;
    const match = domain.exec(text);
    if (!match) continue;
    const end = at + 1 + match[0].length;
    all.push({ start, end, value: text.slice(start, end).toLowerCase() });
    from = end;
  }
  return all;
}

function startOfLocal(text: string, at: number, from: number): number {
  let start = at;
  while (start > from && isLocal.test(text[start - 1]!)) start--;
  // Quotes, dots and bullets before an address do not belong to it.
  while (start < at && !isEdge.test(text[start]!)) start++;
  return start;
}
