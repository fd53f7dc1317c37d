import type { WindowTestRow } from '#contract/compare-tests.ts';
import { type Format, MISSING, signed } from '../../format.ts';

const NBSP = '\u00a0';

const measureNames: Record<string, string> = {
  latency_ms: 'Latency',
  ttft_ms: 'Time to first token',
  cost_usd: 'Cost per call',
  input_tokens: 'Input tokens',
  output_tokens: 'Output tokens',
  failed: 'Failed calls',
  refused: 'Refused answers',
  feature: 'Feature',
  model: 'Model',
  prompt: 'Prompt version',
  release: 'Release',
  finish_reason: 'Finish reason',
  error_type: 'Error type',
};

export const measureName = (measure: string): string =>
  measure.startsWith('score:') ? measure.slice('score:'.length) : (measureNames[measure] ?? measure);

/** What is compared, and by which test. */
export const testNames: Record<WindowTestRow['test'], { what: string; name: string }> = {
  welch: { what: 'mean', name: 'Welch’s t' },
  two_proportion_z: { what: 'share', name: 'two-proportion z' },
  mann_whitney: { what: 'ranks', name: 'Mann–Whitney' },
  kolmogorov_smirnov: { what: 'shape', name: 'Kolmogorov–Smirnov' },
  chi_square: { what: 'mix', name: 'chi-square' },
};

/** A figure in the unit of its row. */
export function figureText(format: Format, unit: WindowTestRow['unit'], value: number | null): string {
  if (value === null) return MISSING;
  if (unit === 'ms') return format.latency(value);
  if (unit === 'usd') return format.usd(value);
  if (unit === 'score') return format.score(value, 3);
  if (unit === 'share' || unit === 'none') return format.percent(value);
  return format.plain(value);
}

export function sideText(format: Format, row: WindowTestRow, side: 'control' | 'candidate'): string {
  const { value, text } = row[side];
  const figure = figureText(format, row.unit, value);
  return text === null ? figure : `${text} ${figure}`;
}

/** The effect in the unit in which it is read: `+120 ms`, `−3.1 pp`, `D = 0.12`, `B higher in 61 %`. */
export function effectText(format: Format, row: WindowTestRow): string {
  const { effect, test } = row;
  if (effect === null) return MISSING;
  if (test === 'kolmogorov_smirnov') return `D${NBSP}=${NBSP}${format.score(effect)}`;
  if (test === 'chi_square') return `V${NBSP}=${NBSP}${format.score(effect)}`;
  if (test === 'mann_whitney') return `B higher in ${format.percent(effect + 0.5)}`;
  return change(format, row, effect);
}

/** `−40 ms … +12 ms`; empty where an effect has no interval. */
export function betweenText(format: Format, row: WindowTestRow): string {
  const { low, high } = row;
  return low === null || high === null ? '' : `${change(format, row, low)} … ${change(format, row, high)}`;
}

function change(format: Format, { unit }: WindowTestRow, value: number): string {
  const size = Math.abs(value);
  const text =
    unit === 'share'
      ? `${format.plain(Math.round(size * 1000) / 10)}${NBSP}pp`
      : figureText(format, unit, size);
  return signed(text, unit === 'share' ? Math.round(value * 1000) : value);
}

/** `+18 %` beside a mean; empty where a ratio says nothing. */
export function relativeText(format: Format, { relative, test }: WindowTestRow): string {
  if (relative === null || test !== 'welch') return '';
  return signed(format.percent(Math.round(Math.abs(relative) * 1000) / 1000), Math.round(relative * 1000));
}

/** `p = 0.03`, `p < 0.001`. */
export function pText(p: number): string {
  if (p < 0.001) return `<${NBSP}0.001`;
  return p < 0.1 ? p.toFixed(3) : p.toFixed(2);
}

/** Bands of a changed shape, which are no tests. */
export function shapeText({ shape }: WindowTestRow): string {
  if (shape === null) return '';
  const { psi, jensen_shannon: js } = shape;
  const band = psi >= 0.25 || js >= 0.2 ? 'large' : psi >= 0.1 || js >= 0.1 ? 'some' : 'little';
  return `PSI ${psi.toFixed(2)}, JS ${js.toFixed(2)}: ${band} change of shape`;
}
