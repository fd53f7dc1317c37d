export interface ValueScale {
  min: number;
  max: number;
  ticks: number[];
}

const ABOUT = 3;

/** Round numbers around the values that are drawn; `fixedMin` and `fixedMax` are kept when given. */
export function valueScale(
  low: number,
  high: number,
  fixedMin: number | null,
  fixedMax: number | undefined,
): ValueScale {
  const bottom = fixedMin ?? low;
  let top = fixedMax ?? high;
  // All the same, or nothing at all: a scale still needs a height.
  if (!(top > bottom)) top = bottom + (Math.abs(bottom) || 1);
  const step = fixedMin !== null && fixedMax !== undefined ? evenStep(top - bottom) : niceStep(top - bottom);
  const first = Math.floor(bottom / step + 1e-9);
  const last = Math.ceil(top / step - 1e-9);
  const min = fixedMin ?? round(first * step, step);
  const max = fixedMax ?? round(last * step, step);
  const ticks: number[] = [];
  for (let at = first; at <= last && ticks.length < 20; at++) {
    const value = round(at * step, step);
    if (value >= min - step * 1e-9 && value <= max + step * 1e-9) ticks.push(value);
  }
  return { min, max, ticks };
}

/** A third of the span or thereabouts, of one digit. */
function niceStep(span: number): number {
  const size = 10 ** Math.floor(Math.log10(span / ABOUT));
  const digit = span / ABOUT / size;
  return (digit < 1.5 ? 1 : digit < 2.5 ? 2 : digit < 4 ? 3 : digit < 7 ? 5 : 10) * size;
}

/** A step that reaches a fixed end: a quarter of 1, a fifth of 5. */
function evenStep(span: number): number {
  const parts = [4, 5, 3, 2].find(count => {
    const step = span / count;
    const digits = step / 10 ** Math.floor(Math.log10(step));
    return [1, 2, 2.5, 5].some(one => Math.abs(one - digits) < 1e-6);
  });
  return parts === undefined ? niceStep(span) : span / parts;
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
const round = (value: number, step: number) => {
  const digits = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(step))));
  return Number(value.toFixed(digits));
};
