import { type Cells, type Sums, trafficDimensions } from './cells.ts';

/** `known` values were there before; what grew to twice its share is treated as if it came with the change. */
export type Arrived = (dimension: number, value: string) => 'known' | 'grown' | 'new';

/** Fewer calls since the change say nothing of a value. */
export const fewestCalls = 10;

/** Tells what each value is, from its share before the change and since. */
export function arrivedValues({ dimensions, cells }: Cells, totals: { before: Sums; after: Sums }): Arrived {
  const counts = dimensions.map((_, index) => {
    const byValue = new Map<string, { before: number; after: number }>();
    for (const { values, before, after } of cells) {
      const count = byValue.get(values[index]!) ?? { before: 0, after: 0 };
      count.before += before.n;
      count.after += after.n;
      byValue.set(values[index]!, count);
    }
    return byValue;
  });
  return (index, value) => {
    const count = counts[index]!.get(value);
    if (!count) return 'known';
    const [before, after] = [count.before / totals.before.n, count.after / totals.after.n];
    if (count.after >= fewestCalls && before < Math.min(0.002, after / 10)) return 'new';
    const isOurs = !trafficDimensions.includes(dimensions[index]!);
    return isOurs && after >= before + 0.1 && after >= 2 * before ? 'grown' : 'known';
  };
}
