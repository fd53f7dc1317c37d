import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useNews } from '../../data/drift.ts';
import { useOnboarding } from '../../data/onboarding.ts';
import { useAction } from '../../frame/use-action.ts';
import { Empty } from '../../states/empty.tsx';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Watching } from '../overview/status-line.tsx';
import { AlertRow } from './alert-row.tsx';
import { type InboxTab, inboxTabs } from './inbox.ts';
import { InternalAlerts } from './internal-alerts.tsx';
import { NoticedPanel } from './noticed-panel.tsx';
import { RuleAlertRow } from './rule-alert-row.tsx';
import { type InboxItem, useInbox } from './use-inbox.ts';
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
  const { data, error, refetch, itemsIn, internalIn } = useInbox();
  const never = useOnboarding().data?.first_span === null;
  const nowMs = Date.now();
  // What is new stands above the week and may be nothing: until it is known, the week would be pushed down by it.
  const settled = !useNews().isPending;
  const items = itemsIn(tab);
  const internal = internalIn(tab);
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
                  {itemsIn(value).length + internalIn(value).length}
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
        ) : never && internal.length + items.length === 0 ? (
          <Empty what="alerts" />
        ) : items.length + internal.length === 0 ? (
          <Note title={NOTHING[tab]} />
        ) : (
          <>
            {internal.length > 0 && <InternalAlerts alerts={internal} nowMs={nowMs} />}
            {items.length > 0 && <ItemList items={items} nowMs={nowMs} />}
          </>
        )}
      </Tabs>
      {data !== undefined && !never && tab === 'firing' && <NoticedPanel />}
      {data !== undefined && !never && settled && <WeekPanel />}
    </>
  );
}

function ItemList({ items, nowMs }: { items: readonly InboxItem[]; nowMs: number }) {
  const navigate = useNavigate();
  const [at, setAt] = useState(-1);
  const select = (index: number) => setAt(Math.max(0, Math.min(items.length - 1, index)));
  useAction('next', () => select(at + 1));
  useAction('previous', () => select(at - 1));
  useAction('open', () => {
    const item = items[at];
    const to = item?.kind === 'rule' ? '/alerts/$id' : '/a/$id';
    if (item) void navigate({ to, params: { id: item.id } });
  });
  return (
    <ul className="overflow-hidden rounded-card border border-line">
      {items.map(({ kind, id, alert }, index) =>
        kind === 'rule' ? (
          <RuleAlertRow key={id} alert={alert} nowMs={nowMs} selected={index === at} />
        ) : (
          <AlertRow key={id} alert={alert} nowMs={nowMs} selected={index === at} />
        ),
      )}
    </ul>
  );
}
