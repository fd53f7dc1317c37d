import { fewestForShape, type Shape, type ShapeComparison } from '#contract/drift-shape.ts';
import type { ShapeSums } from '#store/queries/shape-stats.ts';

export const shapeLabels: Record<Shape, string> = {
  input_length: 'Input length',
  output_length: 'Output length',
  input_language: 'Language of inputs',
  output_language: 'Language of outputs',
  input_topic: 'Topics of inputs',
  output_topic: 'Topics of outputs',
  input_embedding: 'Input embeddings',
  output_embedding: 'Output embeddings',
};

const bandWords = {
  steady: 'About as before',
  moved: 'Moved',
  far: 'Moved far',
} as const;

const whole = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** What became of a shape in a sentence or two. */
export function shapeText(
  comparison: Omit<ShapeComparison, 'text'>,
  windows: { reference: ShapeSums; now: ShapeSums },
): string {
  const { shape, state, band, now_n, reference_n } = comparison;
  if (state === 'no_content') return 'No content captured in the last 24 h: nothing is known of the texts.';
  if (state === 'not_sent')
    return shape.endsWith('_length') ? 'Calls name no tokens.' : 'No call carries an embedding.';
  if (state === 'not_enough') {
    const few = Math.min(now_n, reference_n) < fewestForShape;
    const have = `${whole(now_n)} in the last 24 h, ${whole(reference_n)} before`;
    return few
      ? `Not enough to compare: ${have}; it takes ${fewestForShape} each.`
      : `Not enough to compare: ${have}, but so short that chance alone could move them.`;
  }
  const said = [bandWords[band!], detail(comparison, windows)].filter(Boolean).join(': ');
  return `${said}.`;
}

function detail(
  { shape, band, bins }: Omit<ShapeComparison, 'text'>,
  { reference, now }: { reference: ShapeSums; now: ShapeSums },
): string {
  if (shape.endsWith('_length')) {
    const [before, after] = [reference, now].map(({ sum, n }) => Math.exp(sum / n));
    return `typically ${whole(after!)} tokens, ${whole(before!)} before`;
  }
  if (band === 'steady') return '';
  if (shape.endsWith('_language')) {
    const moved = [...bins].sort((a, b) => Math.abs(b.now - b.reference) - Math.abs(a.now - a.reference))[0];
    return moved
      ? `${languageName(moved.label)} ${percent(moved.now)}, ${percent(moved.reference)} before`
      : '';
  }
  if (shape.endsWith('_topic')) return 'other words than before';
  return 'they lie elsewhere than before';
}

const percent = (share: number) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** `de` as `German`. */
export function languageName(code: string): string {
  if (code === 'other') return 'other languages';
  return /^[a-z]{2}$/.test(code) ? (names.of(code) ?? code) : 'not told';
}
