import { fewestForShape, type Shape, type ShapeBand, type ShapeComparison } from '#contract/drift-shape.ts';
import { noShapeSums, type ShapeSums } from '#store/queries/shape-stats.ts';
import { compareWindows } from '../statistics/compare-windows.ts';
import { jensenShannonDistance, populationStability } from '../statistics/distances.ts';
import { drawnBins } from './drawn-bins.ts';
import { shapeLabels, shapeText } from './shape-words.ts';

type Measures = Pick<ShapeComparison, 'psi' | 'js_distance' | 'w1_per_sd' | 'centroid_distance'>;

/** Bounds of the bands: from here on a measure counts as moved, and for PSI as far. */
const bounds = { moved: 0.1, far: 0.25 } as const;
/** Two equal windows must lie well below the band, or it says nothing: the distance they have by chance is this at most. */
const largestChance = 0.7 * bounds.moved;
const nothing: Measures = { psi: null, js_distance: null, w1_per_sd: null, centroid_distance: null };

const isLength = (shape: Shape) => shape.endsWith('_length');
const isText = (shape: Shape) => shape.endsWith('_language') || shape.endsWith('_topic');

/** One shape of one series in the last day against its reference. Effect sizes with bands, no test; missing windows have no values. */
export function compareShape(
  shape: Shape,
  { reference = noShapeSums, now = noShapeSums }: { reference?: ShapeSums; now?: ShapeSums },
): ShapeComparison {
  const state = stateOf(shape, reference, now);
  const measures = state === 'compared' ? measure(shape, reference, now) : nothing;
  const band = state === 'compared' ? bandOf(measures) : null;
  const comparison: Omit<ShapeComparison, 'text'> = {
    shape,
    label: shapeLabels[shape],
    state,
    now_n: now.n,
    reference_n: reference.n,
    reference_days: reference.days,
    ...measures,
    band,
    bins: state === 'compared' ? drawnBins(shape, reference.histogram, now.histogram) : [],
  };
  return { ...comparison, text: shapeText(comparison, { reference, now }) };
}

function stateOf(shape: Shape, reference: ShapeSums, now: ShapeSums): ShapeComparison['state'] {
  if (now.n === 0) return isText(shape) ? 'no_content' : reference.n > 0 ? 'not_enough' : 'not_sent';
  if (now.n < fewestForShape || reference.n < fewestForShape) return 'not_enough';
  return isLength(shape) || chanceDistance(reference, now) <= largestChance ? 'compared' : 'not_enough';
}

/**
 * The Jensen-Shannon distance that two samples of one distribution over k values have by chance: its divergence is about χ²/8 of k − 1
 * degrees over the sizes (Lin, 1991); values too rare to be met in the smaller sample take no part. A text has many words, so what
 * counts for topics is words.
 */
function chanceDistance(reference: ShapeSums, now: ShapeSums): number {
  const [before, after] = [total(reference), total(now)];
  const values = new Set([...reference.histogram.keys(), ...now.histogram.keys()]);
  const isMet = (value: string) => {
    const both = (reference.histogram.get(value) ?? 0) + (now.histogram.get(value) ?? 0);
    return (both / (before + after)) * Math.min(before, after) >= 1;
  };
  const degrees = Math.max(0, [...values].filter(isMet).length - 1);
  return Math.sqrt((degrees * (1 / before + 1 / after)) / (8 * Math.LN2));
}

const total = ({ histogram }: ShapeSums) => [...histogram.values()].reduce((sum, count) => sum + count, 0);

function measure(shape: Shape, reference: ShapeSums, now: ShapeSums): Measures {
  if (isLength(shape)) {
    const { psi, jensenShannon, wasserstein1PerSd } = compareWindows([sizes(reference)], [sizes(now)]);
    return { ...nothing, psi, js_distance: jensenShannon, w1_per_sd: wasserstein1PerSd };
  }
  const order = [...new Set([...reference.histogram.keys(), ...now.histogram.keys()])];
  const [before, after] = [reference, now].map(side => order.map(bin => side.histogram.get(bin) ?? 0));
  return {
    ...nothing,
    psi: populationStability(before!, after!),
    js_distance: jensenShannonDistance(before!, after!, 2),
    centroid_distance: centroidDistance(reference.vectorSum, now.vectorSum),
  };
}

function sizes({ n, sum, sumSq, histogram }: ShapeSums) {
  return { n, sum, sumSq, bins: new Map([...histogram].map(([bin, count]) => [Number(bin), count])) };
}

/** 1 − cosine; null without vectors, or when they are of different lengths: then they are of different models. */
function centroidDistance(one: readonly number[], other: readonly number[]): number | null {
  if (one.length === 0 || one.length !== other.length) return null;
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0);
  const lengths = Math.sqrt(dot(one, one) * dot(other, other));
  return lengths > 0 ? Math.max(0, 1 - dot(one, other) / lengths) : null;
}

/** The highest band of any measure: only PSI tells "far" from "moved". */
function bandOf({ psi, js_distance, w1_per_sd }: Measures): ShapeBand {
  if (psi !== null && psi >= bounds.far) return 'far';
  return [psi, js_distance, w1_per_sd].some(value => value !== null && value >= bounds.moved)
    ? 'moved'
    : 'steady';
}
