import type { Figures } from '#contract/feature.ts';
import { type Comparison, type Delta, delta, type Subject } from '../../delta.ts';
import { format } from '../../format.ts';

/** The five questions of a tile or a table cell. */
export const subjects = [
  'quality',
  'latency',
  'spend',
  'requests',
  'errors',
] as const satisfies readonly Subject[];

export const subjectLabels: Record<Subject, string> = {
  quality: 'Quality',
  latency: 'Latency p95',
  spend: 'Spend',
  requests: 'Requests',
  errors: 'Errors',
};

export function figureOf(figures: Figures, subject: Subject): number | null {
  switch (subject) {
    case 'quality':
      return figures.quality;
    case 'latency':
      return figures.latency_p95_ms;
    case 'spend':
      return figures.cost_usd === null ? null : Number(figures.cost_usd);
    case 'requests':
      return figures.calls;
    case 'errors':
      return figures.calls === 0 ? null : figures.failed_calls / figures.calls;
  }
}

/** The figure as it is written; money from its exact decimal. */
export function textOf(figures: Figures, subject: Subject, place: 'chart' | 'table' = 'table'): string {
  if (subject === 'spend') return format.usd(figures.cost_usd, place);
  const value = figureOf(figures, subject);
  if (subject === 'quality') return format.score(value);
  if (subject === 'latency') return format.latency(value);
  return subject === 'errors' ? format.percent(value) : format.count(value);
}

/** Why a figure is missing, for its title. */
export function missingReason(figures: Figures, subject: Subject): string | undefined {
  if (figureOf(figures, subject) !== null) return undefined;
  if (figures.calls === 0) return 'No requests';
  if (subject === 'quality') return 'Nothing was scored';
  if (subject === 'spend') return 'No request has a known price';
  return 'No finished request';
}

export function deltaOf(now: Figures, previous: Figures | null, subject: Subject): Delta {
  const comparison: Comparison = {
    now: figureOf(now, subject),
    before: previous && figureOf(previous, subject),
    calls: subject === 'quality' ? now.scored_calls : now.calls,
    baselineCalls: (subject === 'quality' ? previous?.scored_calls : previous?.calls) ?? 0,
  };
  return delta(format, subject, comparison);
}
