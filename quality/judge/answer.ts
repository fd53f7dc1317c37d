import type { Rubric } from '#contract/judge.ts';

export interface JudgeAnswer {
  /** On the rubric's own scale. */
  score: number;
  reason: string;
}

const ranges = { '1-5': [1, 5], '0-1': [0, 1] } as const;

/** What the model said; null when no score within the scale can be read from it. Models wrap JSON in prose, fences and quotes. */
export function parseAnswer(text: string, scale: Rubric['scale']): JudgeAnswer | null {
  const said = objectIn(text) ?? looseIn(text);
  if (!said) return null;
  const [least, most] = ranges[scale];
  const score = numberIn(said.score ?? said.rating ?? said.value, most);
  if (score === null || score < least || score > most) return null;
  const reason = said.reason ?? said.reasoning ?? said.explanation;
  return { score, reason: typeof reason === 'string' ? reason.slice(0, 2_000) : '' };
}

/** From 0 to 1. */
export const scoreValue = (score: number, scale: Rubric['scale']) =>
  scale === '1-5' ? (score - 1) / 4 : score;

/** The last JSON object with a score: a model that thinks aloud may sketch others before. */
function objectIn(text: string): Record<string, unknown> | null {
  let found: Record<string, unknown> | null = null;
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) {
    const end = endOfObject(text, at);
    if (end === -1) continue;
    const value = parsed(text.slice(at, end + 1));
    if (value && ('score' in value || 'rating' in value || 'value' in value)) found = value;
    if (value) at = end;
  }
  return found;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Index of the brace that closes the one at `start`; -1 without one. Answers are short, so looking again from each brace is cheap. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** `Score: 4` and broken JSON; only when one number alone is named. */
function looseIn(text: string): Record<string, unknown> | null {
  const named = [
    ...text.matchAll(/\b(?:score|rating)\b["'*\s]*(?:[:=]|is)\s*["'*]*(\d+(?:\.\d+)?(?:\s*\/\s*\d+)?)/gi),
  ];
  const values = new Set(named.map(match => match[1]));
  if (values.size !== 1) return null;
  return { score: [...values][0], reason: text.trim().slice(0, 500) };
}

/** `4`, `"4"`, `"4/5"`; of another scale than asked for nothing is guessed. */
function numberIn(said: unknown, most: number): number | null {
  if (typeof said === 'number') return Number.isFinite(said) ? said : null;
  if (typeof said !== 'string') return null;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*(\d+))?\s*$/.exec(said);
  if (!match || (match[2] !== undefined && Number(match[2]) !== most)) return null;
  return Number(match[1]);
}
