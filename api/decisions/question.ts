import { type DecisionRequest, decision } from '#contract/decision.ts';

const names = new Set(Object.keys(decision.request.shape));

/** What a path with its query asks; null unless it is a well-formed question for a decision. */
export function questionOf(url: string): DecisionRequest | null {
  if (!url.startsWith(decision.path)) return null;
  const end = url.charAt(decision.path.length);
  if (end !== '' && end !== '?') return null;
  const given: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(url.slice(decision.path.length))) {
    if (name in given || !names.has(name)) return null;
    given[name] = value;
  }
  const parsed = decision.request.safeParse(given);
  return parsed.success ? parsed.data : null;
}
