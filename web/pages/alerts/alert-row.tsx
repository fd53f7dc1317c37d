import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { AlertSummary } from '#contract/alert.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { AlertState } from '../alert/alert-state.tsx';
import { betweenWords } from '../alert/since.ts';
import { IncidentActions } from './incident-actions.tsx';

interface AlertRowProps {
  alert: AlertSummary;
  nowMs: number;
  selected: boolean;
}

/** One incident: what, how much, since when, and who has it. */
export function AlertRow({ alert, nowMs, selected }: AlertRowProps) {
  const row = useRef<HTMLLIElement>(null);
  const between = betweenWords(alert.changed_between, nowMs, viewerZone());
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <li
      ref={row}
      className={classes(
        'relative border-t border-line px-4 py-3 first:border-t-0 hover:bg-surface',
        selected && 'bg-surface outline-2 -outline-offset-2 outline-accent',
      )}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <Link
          to="/a/$id"
          params={{ id: alert.id }}
          className="min-w-0 text-lead font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {alert.title}
        </Link>
        <span className="text-label">
          <AlertState alert={alert} nowMs={nowMs} />
        </span>
      </div>
      <p className="mt-0.5 text-muted">
        {[
          `Since ${timeNear(Date.parse(alert.changed_at), nowMs, viewerZone())}${between ? ` (between ${between})` : ''}`,
          alert.environment,
          alert.model,
          `${format.count(alert.calls)} requests`,
          alert.muted_by && `nobody is told (${alert.muted_by})`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <IncidentActions alert={alert} nowMs={nowMs} />
    </li>
  );
}
