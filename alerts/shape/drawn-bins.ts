import type { Shape, ShapeComparison } from '#contract/drift-shape.ts';

type Bin = ShapeComparison['bins'][number];
type Counts = ReadonlyMap<string, number>;

const binsPerUnit = 25;
const mostSizes = 24;
const mostNames = 8;

/** Both histograms as a person can read them: sizes in some twenty equal steps of their logarithm, names by how frequent they were. */
export function drawnBins(shape: Shape, reference: Counts, now: Counts): Bin[] {
  if (shape.endsWith('_length')) return sizeBins(reference, now);
  const isName = shape.endsWith('_language');
  const keys = [...new Set([...reference.keys(), ...now.keys()])];
  const [before, after] = [sharesOf(reference), sharesOf(now)];
  const share = (key: string) => Math.max(before(key), after(key));
  const order = isName
    ? keys.sort((one, other) => share(other) - share(one) || (one < other ? -1 : 1))
    : keys.sort((one, other) => Number(one) - Number(other));
  const shown = isName ? order.slice(0, mostNames) : order;
  const bins = shown.map(key => named(isName ? key : String(Number(key) + 1), before(key), after(key)));
  const rest = order.slice(shown.length);
  if (rest.length === 0) return bins;
  const sum = (of: (key: string) => number) => rest.reduce((total, key) => total + of(key), 0);
  return [...bins, named('other', sum(before), sum(after))];
}

const named = (label: string, reference: number, now: number): Bin => ({
  label,
  low: null,
  high: null,
  reference,
  now,
});

function sharesOf(counts: Counts): (key: string) => number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return key => (total > 0 ? (counts.get(key) ?? 0) / total : 0);
}

function sizeBins(reference: Counts, now: Counts): Bin[] {
  const keys = [...new Set([...reference.keys(), ...now.keys()])].map(Number);
  const first = Math.min(...keys);
  const width = Math.ceil((Math.max(...keys) - first + 1) / mostSizes);
  const [before, after] = [sharesOf(reference), sharesOf(now)];
  const steps = Math.ceil((Math.max(...keys) - first + 1) / width);
  return Array.from({ length: steps }, (_, step) => {
    const from = first + step * width;
    const inside = Array.from({ length: width }, (_, at) => String(from + at));
    const [low, high] = [from, from + width].map(bin => Math.exp(bin / binsPerUnit));
    const sum = (of: (key: string) => number) => inside.reduce((total, key) => total + of(key), 0);
    // Whole tokens: the first at or above the bound.
    const [least, most] = [Math.ceil(low! - 1e-9), Math.ceil(high! - 1e-9) - 1];
    const label = least >= most ? `${least}` : `${least} to ${most}`;
    return { label, low: low!, high: high!, reference: sum(before), now: sum(after) };
  });
}
