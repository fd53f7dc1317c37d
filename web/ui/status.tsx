import { CircleCheck, OctagonAlert, TriangleAlert } from 'lucide-react';
import { classes } from './classes.ts';

export type Status = 'critical' | 'warning' | 'good' | 'neutral';

const ICONS = { critical: OctagonAlert, warning: TriangleAlert, good: CircleCheck };
export const statusText: Record<Status, string> = {
  critical: 'text-critical',
  warning: 'text-warning',
  good: 'text-good',
  neutral: 'text-muted',
};

/** Shape, word and colour say the same, so none of them is needed alone. */
export function StatusIcon({ status, size = 16 }: { status: Status; size?: number }) {
  if (status === 'neutral') return null;
  const Icon = ICONS[status];
  return <Icon size={size} aria-hidden className={classes('shrink-0', statusText[status])} />;
}
