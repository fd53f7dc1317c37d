/** How many rows either side of a value tell whether it is a spike, and at how many robust sd. */
const reach = 5;
const spikeSds = 5;

/**
 * A series made ready for change points: gaps filled in a straight line, spikes replaced, then mean 0 and sd 1. Null when it has
 * no value or never varies.
 */
export function prepareSeries(values: readonly (number | null)[]): Float64Array | null {
  const filled = fillGaps(values);
  return filled && standardise(withoutSpikes(filled));
}

function fillGaps(values: readonly (number | null)[]): Float64Array | null {
  const known = values.flatMap((value, at) => (value === null || !Number.isFinite(value) ? [] : [at]));
  if (known.length === 0) return null;
  const filled = new Float64Array(values.length);
  let next = 0;
  for (let at = 0; at < values.length; at += 1) {
    while (next < known.length - 1 && known[next]! < at) next += 1;
    const right = known[next]!;
    const left = right <= at || next === 0 ? right : known[next - 1]!;
    const share = right === left ? 0 : (at - left) / (right - left);
    filled[at] = values[left]! + Math.min(1, Math.max(0, share)) * (values[right]! - values[left]!);
  }
  return filled;
}

/**
 * Hampel's filter: a value 5 robust sd from the median around it becomes that median, so that a spike of up to five rows is no
 * change. A step stays where it is (Hampel, The influence curve and its role in robust estimation, 1974; Pearson, Outliers in
 * process modeling and identification, 2002).
 */
function withoutSpikes(values: Float64Array): Float64Array {
  const medians = values.map((_, at) => median(values.slice(Math.max(0, at - reach), at + reach + 1)));
  const away = values.map((value, at) => Math.abs(value - medians[at]!));
  const limit = spikeSds * 1.4826 * median(away);
  if (!(limit > 0)) return values;
  return values.map((value, at) => (away[at]! > limit ? medians[at]! : value));
}

const median = (values: Float64Array): number => values.slice().sort()[values.length >> 1]!;

function standardise(values: Float64Array): Float64Array | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const sd = Math.sqrt(variance);
  // A constant series keeps rounding errors of its own size.
  return sd > 1e-12 * Math.abs(mean) ? values.map(value => (value - mean) / sd) : null;
}
