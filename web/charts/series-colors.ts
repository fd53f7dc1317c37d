/** Colours 1 to 7 of the design; "Other" is grey and has none. */
export const SERIES_COLORS = 7;

/**
 * A colour number for each name, the same wherever the name is drawn. A known name keeps its number; a new one takes
 * the least used. Two names of one chart never share a number, so the second of them moves for this chart only.
 */
export function assignColors(
  known: Readonly<Record<string, number>>,
  names: readonly string[],
): { colors: Record<string, number>; known: Record<string, number> } {
  const learned = { ...known };
  const colors: Record<string, number> = {};
  const taken = new Set<number>();
  for (const name of names) {
    const number = learned[name];
    if (number === undefined || taken.has(number)) continue;
    colors[name] = number;
    taken.add(number);
  }
  for (const name of names) {
    if (colors[name] !== undefined) continue;
    const number = leastUsed(learned, taken);
    colors[name] = number;
    taken.add(number);
    learned[name] ??= number;
  }
  return { colors, known: learned };
}

function leastUsed(known: Record<string, number>, taken: Set<number>): number {
  const uses = Array.from({ length: SERIES_COLORS }, () => 0);
  for (const number of Object.values(known)) uses[number - 1] = (uses[number - 1] ?? 0) + 1;
  let best = 1;
  let fewest = Number.POSITIVE_INFINITY;
  uses.forEach((count, at) => {
    if (!taken.has(at + 1) && count < fewest) [best, fewest] = [at + 1, count];
  });
  return best;
}

const STORE = 'driftline.colors';

/** The numbers of one chart's names, remembered for the next visit. */
export function seriesColors(names: readonly string[]): Record<string, number> {
  let known: Record<string, number> = {};
  try {
    known = JSON.parse(localStorage.getItem(STORE) ?? '{}') as Record<string, number>;
  } catch {
    // Without storage the colours are right for this chart, only not remembered.
  }
  const { colors, known: learned } = assignColors(known, names);
  try {
    if (Object.keys(learned).length <= 500) localStorage.setItem(STORE, JSON.stringify(learned));
  } catch {
    // See above.
  }
  return colors;
}
