import { byPattern, type Detector, type Found, inOrder, type Judge, wholeMatch } from './detector.ts';

const isWord = (character: string | undefined) => character !== undefined && /[A-Za-z0-9]/.test(character);

/** A token of words and dashes alone is a name; keys have a digit in them, and do not begin inside of a word. */
const keyLike: Judge = match => {
  if (isWord(match.input[match.index - 1])) return null;
  return /\d/.test(match[0]) ? wholeMatch(match) : match.index + match[0].length;
};

/** Keys that say whose they are: OpenAI, Anthropic and those like them, GitHub, GitLab, Slack, Stripe, Hugging Face, Groq … */
const prefixed = byPattern(
  new RegExp(
    [
      'sk-[A-Za-z0-9_-]{16,512}',
      'gh[pousr]_[A-Za-z0-9]{20,255}',
      'github_pat_[A-Za-z0-9_]{20,255}',
      'glpat-[A-Za-z0-9_-]{16,255}',
      'xox[a-z]-[A-Za-z0-9-]{10,255}',
      'xapp-[A-Za-z0-9-]{10,255}',
      '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}',
      'whsec_[A-Za-z0-9+/=]{16,255}',
      'hf_[A-Za-z0-9]{20,255}',
      'gsk_[A-Za-z0-9]{20,255}',
      'xai-[A-Za-z0-9]{20,255}',
      'pplx-[A-Za-z0-9]{20,255}',
      'tvly-[A-Za-z0-9-]{16,255}',
      'pcsk_[A-Za-z0-9_]{20,255}',
      'r8_[A-Za-z0-9]{20,255}',
      'npm_[A-Za-z0-9]{20,255}',
      'SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,128}',
      'ya29\\.[A-Za-z0-9_-]{20,2048}',
    ].join('|'),
  ),
  keyLike,
);

const fixed = byPattern(/(?:AIza[A-Za-z0-9_-]{30,64}|A(?:KI|SI)A[A-Z0-9]{16})(?![A-Za-z0-9])/, match =>
  isWord(match.input[match.index - 1]) ? null : wholeMatch(match),
);

/** The secret of an AWS key pair has no mark of its own, so its name has to stand before it. */
const awsSecret = byPattern(
  /(?:secret|access)[ _.-]?key["'`]?\s{0,4}(?::|=>?|is|,)?\s{0,4}["'`]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/i,
  match => {
    const start = match.index + match[0].length - 40;
    return { start, end: start + 40, value: match[1]! };
  },
);

const bearer = byPattern(/bearer[ \t:]{1,4}([A-Za-z0-9._~+/=-]{16,8192})/i, match => {
  const token = match[1]!;
  const end = match.index + match[0].length;
  if (!/\d/.test(token)) return end;
  return { start: end - token.length, end, value: token };
});

const beginMark = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;
const endMark = /-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/;
const longestKey = 16_384;

/** PEM blocks, from mark to mark. One that was cut off ends where what can be part of it ends. */
const privateKeys: Detector = text => {
  const all: Found[] = [];
  const lastEnd = text.lastIndexOf('-----END ');
  beginMark.lastIndex = 0;
  for (let match = beginMark.exec(text); match !== null; match = beginMark.exec(text)) {
    const from = beginMark.lastIndex;
    const rest = text.slice(from, from + longestKey);
    const close = from < lastEnd ? endMark.exec(rest) : null;
    const length = close ? close.index + close[0].length : /^[A-Za-z0-9+/=\s:,-]*/.exec(rest)![0].length;
    const end = from + length;
    all.push({ start: match.index, end, value: text.slice(match.index, end).replace(/\s+/g, '') });
    beginMark.lastIndex = end;
  }
  return all;
};

/** API keys, tokens and private keys of the providers that AI applications talk to. */
export const findProviderKeys = inOrder(privateKeys, prefixed, fixed, awsSecret, bearer);
