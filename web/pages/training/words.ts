import type { TrainingExport, TrainingRun, TrainingSchedule } from '../../data/training.ts';
import { format } from '../../format.ts';
import type { Status } from '../../ui/status.tsx';

export const FORMATS = [
  { value: 'chat', label: 'Chat' },
  { value: 'preference', label: 'Preference' },
  { value: 'preference_openai', label: 'Preference (OpenAI)' },
] as const;

export const formatLabel = (value: TrainingExport['format']) =>
  FORMATS.find(one => one.value === value)?.label ?? value;

export const EVERY = [
  { value: 'daily', label: 'Every day' },
  { value: 'weekly', label: 'Every week' },
  { value: 'monthly', label: 'Every month' },
] as const;

export const plural = (count: number, one: string) => `${format.full(count)} ${one}${count === 1 ? '' : 's'}`;

type Counts = TrainingExport['counts'];

/** Where the calls went that did not become a pair; without what is nothing. */
export function leftOut(counts: Counts): { count: number; why: string }[] {
  return [
    { count: counts.without_text, why: 'their text is not kept, or not all text and tool calls' },
    { count: counts.without_partner, why: 'no better or worse answer to the same prompt' },
    { count: counts.duplicates, why: 'the same as another' },
    { count: counts.near_duplicates, why: 'nearly the same as another' },
    { count: counts.left_out, why: 'beyond the limit' },
  ].filter(({ count }) => count > 0);
}

/** `12 pairs of 40 calls, 3 corrected, private values replaced in 2; 28 left out`. */
export function countsText(counts: Counts): string {
  const facts = [
    `${plural(counts.pairs, 'pair')} of ${plural(counts.calls, 'call')}`,
    counts.corrected > 0 && `${format.full(counts.corrected)} corrected`,
    counts.redacted > 0 && `private values replaced in ${format.full(counts.redacted)}`,
  ];
  const out = leftOut(counts).reduce((sum, { count }) => sum + count, 0);
  return `${facts.filter(Boolean).join(', ')}${out > 0 ? `; ${format.full(out)} left out` : ''}`;
}

/** Which pairs a filter takes, in words. */
export function filterText(filter: Partial<TrainingSchedule['filter']>): string {
  const { corrected_only, score, score_at_least, label, where } = filter;
  const good = [
    corrected_only && 'corrected answers',
    !corrected_only && score && `${score} at least ${format.plain(score_at_least ?? null)}`,
    label && `label ${label}`,
  ].filter(Boolean);
  return [good.join(', ') || 'all answers', where && `of ${where}`].filter(Boolean).join(' ');
}

/** What became of a run: neither good nor critical while it is still tried. */
export function runState(run: TrainingRun, hasWebhook: boolean): { status: Status; words: string } {
  if (run.done_at !== null)
    return { status: 'good', words: run.failing_cases === null ? 'made' : 'made and received' };
  if (run.failed_at !== null)
    return { status: 'critical', words: `given up after ${plural(run.attempts, 'attempt')}` };
  if (run.error !== null) return { status: 'warning', words: `attempt ${run.attempts} failed` };
  if (run.export !== null && hasWebhook) return { status: 'neutral', words: 'made, being sent' };
  return { status: 'neutral', words: run.attempts === 0 ? 'waiting' : 'being made' };
}

/** `1.2 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const fileName = ({ format: kind, created_at, export_id }: TrainingExport) =>
  `driftline-${kind}-${created_at.slice(0, 10)}-${export_id.slice(0, 8)}`;
