import type { NewValue } from '#contract/drift.ts';
import type { DriftShape, ShapeBand, ShapeComparison } from '#contract/drift-shape.ts';
import type { QuietDriftList, QuietSeries } from '#contract/quiet-drift.ts';
import type { Status } from '../../ui/status.tsx';

/** Bands are no alarms: moving far is worth a look, never red. */
export const bandLook: Record<ShapeBand, { label: string; status: Status }> = {
  steady: { label: 'As before', status: 'good' },
  moved: { label: 'Moved', status: 'neutral' },
  far: { label: 'Moved far', status: 'warning' },
};

const unknownLabels: Record<Exclude<ShapeComparison['state'], 'compared'>, string> = {
  not_enough: 'Not enough yet',
  no_content: 'No content captured',
  not_sent: 'Not sent',
};

export const stateLook = ({ state, band }: Pick<ShapeComparison, 'state' | 'band'>) =>
  state === 'compared' && band
    ? bandLook[band]
    : { label: unknownLabels[state as keyof typeof unknownLabels], status: 'neutral' as Status };

const hasMoved = ({ band }: ShapeComparison) => band === 'moved' || band === 'far';

/** `Input length moved far; topics of inputs moved`; what is known when nothing has. */
export function seriesWords(shapes: readonly ShapeComparison[]): { text: string; status: Status } {
  const moved = shapes.filter(hasMoved).sort((one, other) => rank(other) - rank(one));
  if (moved.length > 0) {
    const named = moved
      .slice(0, 3)
      .map(({ label, band }) => `${label} ${band === 'far' ? 'moved far' : 'moved'}`);
    const more = moved.length > 3 ? ` and ${moved.length - 3} more` : '';
    return {
      text: sentenceCase(`${named.join(', ')}${more}`),
      status: moved[0]!.band === 'far' ? 'warning' : 'neutral',
    };
  }
  const compared = shapes.filter(({ state }) => state === 'compared');
  if (compared.length === 0) return { text: 'Nothing to compare yet', status: 'neutral' };
  const withoutText = shapes.some(({ state }) => state === 'no_content');
  const text = withoutText ? 'What is known is as before; texts are not captured' : 'As before';
  return { text, status: 'good' };
}

const rank = ({ band }: ShapeComparison) => (band === 'far' ? 2 : band === 'moved' ? 1 : 0);

/** The page in one sentence. */
export function driftSentence(shape: DriftShape | undefined, quiet: QuietDriftList | undefined): string {
  if (!shape || !quiet) return '';
  const far = shape.series.filter(({ shapes }) => shapes.some(({ band }) => band === 'far')).length;
  const open = (kind: QuietSeries['kind']) =>
    new Set(
      quiet.findings
        .filter(one => one.kind === kind && !one.closed_at)
        .map(one => `${one.feature} ${one.environment}`),
    ).size;
  const parts = [
    far > 0 && `inputs or outputs of ${far} ${far === 1 ? 'series' : 'series'} have moved far`,
    open('usage') > 0 && `usage of ${counted(open('usage'), 'feature')} is away from its season`,
    open('fairness') > 0 && `gaps between cohorts of ${counted(open('fairness'), 'feature')} have changed`,
  ].filter(part => part !== false);
  // What was not compared is not "as before".
  const isKnown =
    shape.series.some(({ shapes }) => shapes.some(({ band }) => band !== null)) ||
    quiet.series.some(({ state }) => state !== 'learning');
  if (parts.length === 0) return isKnown ? 'Nothing here has moved far.' : 'There is nothing to compare yet.';
  const text = parts.join(', ');
  return `${sentenceCase(text)}.`;
}

/** Capital at the beginning, none after it. */
function sentenceCase(text: string): string {
  const small = text.replaceAll(/, [A-Z]/g, found => found.toLowerCase());
  return `${small[0]?.toUpperCase() ?? ''}${small.slice(1)}`;
}

const counted = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

export const newValueLabels: Record<NewValue['kind'], string> = {
  model: 'Model',
  prompt: 'Prompt version',
  finish_reason: 'Finish reason',
  error_type: 'Error type',
  tool: 'Tool',
};

/** `52 % of usual`; `+8.1 points`; what it waits for while learning. */
export function latestText({ kind, state, learning_days, points }: QuietSeries): string {
  if (state === 'learning') return `learning, day ${learning_days ?? 0} of 14`;
  const last = points.at(kind === 'usage' ? -2 : -1)?.value ?? null;
  if (last === null) return '-';
  if (kind === 'usage') return `${Math.round(100 * last)} % of usual`;
  const text = (100 * last).toFixed(1);
  return `${last > 0 ? '+' : ''}${text} points`;
}

/** Name of a series' feature, model and environment. */
export const seriesName = ({ feature, model, environment }: DriftShape['series'][number]) =>
  [feature || '(no feature)', model, environment].filter(Boolean).join(' · ');
