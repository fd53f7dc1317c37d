import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { AlertSummary } from '#contract/alert.ts';
import { useAlerts } from '../../data/alerts.ts';
import { useOnboarding } from '../../data/onboarding.ts';
import { useRuleAlerts } from '../../data/rules.ts';
import { useAction } from '../../frame/use-action.ts';
import { Empty } from '../../states/empty.tsx';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Watching } from '../overview/status-line.tsx';
import { AlertRow } from './alert-row.tsx';
import { type InboxTab, inboxTab, inboxTabs } from './inbox.ts';
import { InternalAlerts } from './internal-alerts.tsx';
import { RuleAlertList } from './rule-alert-list.tsx';
import { WeekPanel } from './week-panel.tsx';

const LABELS: Record<InboxTab, string> = {
  firing: 'Firing',
  acknowledged: 'Acknowledged',
  snoozed: 'Snoozed',
  resolved: 'Resolved',
};

const NOTHING: Record<InboxTab, string> = {
  firing: 'Nothing is firing.',
  acknowledged: 'Nobody is working on an alert.',
  snoozed: 'Nothing is snoozed.',
  resolved: 'Nothing has been resolved yet.',
};

/** What needs me? */
export function AlertsPage() {
  const { tab = 'firing' } = useSearch({ from: '/alerts' });
  const navigate = useNavigate({ from: '/alerts' });
  const { data, error, refetch } = useAlerts();
  const never = useOnboarding().data?.first_span === null;
  const nowMs = Date.now();
  const byTab = Object.fromEntries(
    inboxTabs.map(name => [name, data?.alerts.filter(alert => inboxTab(alert, nowMs) === name) ?? []]),
  ) as Record<InboxTab, AlertSummary[]>;
  // Nobody takes or snoozes these: they fire, or they are over.
  const internalIn = (name: InboxTab) => data?.internal.filter(({ state }) => state === name) ?? [];
  const internal = internalIn(tab);
  const ruleAlerts = useRuleAlerts().data?.alerts;
  const fromRules = (name: InboxTab) => ruleAlerts?.filter(alert => inboxTab(alert, nowMs) === name) ?? [];
  const rules = fromRules(tab);
  const choose = (value: string) => {
    const next = inboxTabs.find(name => name === value);
    void navigate({ search: old => ({ ...old, tab: next === 'firing' ? undefined : next }) });
  };
  return (
    <>
      <PageTitle title="Alerts">{data && <Watching {...data.watching} />}</PageTitle>
      <Tabs
        label="State"
        value={tab}
        onChange={choose}
        tabs={inboxTabs.map(value => ({
          value,
          label: (
            <>
              {LABELS[value]}
              {data && (
                <span className="text-label font-normal text-muted">
                  {byTab[value].length + internalIn(value).length + fromRules(value).length}
                </span>
              )}
            </>
          ),
        }))}
      >
        {data === undefined ? (
          error ? (
            <Failure what="Could not load the alerts." error={error} onRetry={() => void refetch()} />
          ) : (
            <div role="status" className="appear h-32 rounded-card bg-surface">
              <span className="sr-only">Loading</span>
            </div>
          )
        ) : never && internal.length + rules.length === 0 ? (
          <Empty what="alerts" />
        ) : byTab[tab].length + internal.length + rules.length === 0 ? (
          <Note title={NOTHING[tab]} />
        ) : (
          <>
            {internal.length > 0 && <InternalAlerts alerts={internal} nowMs={nowMs} />}
            {rules.length > 0 && <RuleAlertList alerts={rules} nowMs={nowMs} />}
            {byTab[tab].length > 0 && <AlertList alerts={byTab[tab]} nowMs={nowMs} />}
          </>
        )}
      </Tabs>
      {data !== undefined && !never && <WeekPanel />}
    </>
  );
}

function AlertList({ alerts, nowMs }: { alerts: AlertSummary[]; nowMs: number }) {
  const navigate = useNavigate();
  const [at, setAt] = useState(-1);
  const select = (index: number) => setAt(Math.max(0, Math.min(alerts.length - 1, index)));
  useAction('next', () => select(at + 1));
  useAction('previous', () => select(at - 1));
  useAction('open', () => {
    const alert = alerts[at];
    if (alert) void navigate({ to: '/a/$id', params: { id: alert.id } });
  });
  return (
    <ul className="overflow-hidden rounded-card border border-line">
      {alerts.map((alert, index) => (
        <AlertRow key={alert.id} alert={alert} nowMs={nowMs} selected={index === at} />
      ))}
    </ul>
  );
}
