import { Link } from '@tanstack/react-router';
import type { RuleAlert } from '#contract/rule.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { RuleAlertActions } from './rule-alert-actions.tsx';
import { RuleAlertState } from './rule-alert-state.tsx';
import { VerdictMenu } from './verdict-menu.tsx';

/** Alerts of plain rules: each can be taken, put off and judged where it stands. */
export function RuleAlertList({ alerts, nowMs }: { alerts: readonly RuleAlert[]; nowMs: number }) {
  return (
    <section aria-labelledby="rule-alerts" className="mb-4">
      <h2 id="rule-alerts" className="mb-2 text-body text-muted">
        From plain rules
      </h2>
      <ul className="overflow-hidden rounded-card border border-line">
        {alerts.map(alert => (
          <li
            key={alert.id}
            className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-t-0"
          >
            <div className="min-w-0 flex-1 basis-80">
              <Link
                to="/rules"
                search={{ alert: alert.id }}
                className="text-lead font-semibold break-words hover:underline"
              >
                {alert.title}
              </Link>
              <p className="mt-0.5 flex flex-wrap gap-x-3 text-muted">
                <RuleAlertState alert={alert} nowMs={nowMs} />
                <span>
                  {alert.rule}, since {timeNear(Date.parse(alert.opened_at), nowMs, viewerZone())}
                </span>
              </p>
            </div>
            {alert.state === 'firing' ? <RuleAlertActions alert={alert} /> : <VerdictMenu id={alert.id} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
