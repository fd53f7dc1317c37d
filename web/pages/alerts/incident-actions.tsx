import { Check, Clock } from 'lucide-react';
import { lazy } from 'react';
import type { AlertSummary } from '#contract/alert.ts';
import { Popover } from '../../ui/popover.tsx';
import { inboxTab } from './inbox.ts';
import { VerdictMenu } from './verdict-menu.tsx';

const AcknowledgeForm = lazy(() => import('../alert/acknowledge-form.tsx'));
const SnoozeForm = lazy(() => import('../alert/snooze-form.tsx'));

/** Take it, put it off or judge it without opening it. */
export function IncidentActions({ alert, nowMs }: { alert: AlertSummary; nowMs: number }) {
  const tab = inboxTab(alert, nowMs);
  return (
    <>
      {tab === 'firing' && (
        <Popover label="Acknowledge" content={close => <AcknowledgeForm id={alert.id} onDone={close} />}>
          <Check size={16} aria-hidden />
          Acknowledge
        </Popover>
      )}
      {(tab === 'firing' || tab === 'acknowledged') && (
        <Popover label="Snooze" content={close => <SnoozeForm id={alert.id} onDone={close} />}>
          <Clock size={16} aria-hidden />
          Snooze
        </Popover>
      )}
      {tab !== 'firing' && <VerdictMenu id={alert.id} />}
    </>
  );
}
