import { Check, ChevronDown, Clock } from 'lucide-react';
import { lazy, useState } from 'react';
import type { AlertSummary } from '#contract/alert.ts';
import { useAction } from '../../frame/use-action.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { inboxTab } from '../alerts/inbox.ts';

const AcknowledgeForm = lazy(() => import('./acknowledge-form.tsx'));
const SnoozeForm = lazy(() => import('./snooze-form.tsx'));

/** Take it, put it off, or hand it on. At the thumb on a phone. */
export function AlertActions({ alert }: { alert: AlertSummary }) {
  const [open, setOpen] = useState<'acknowledge' | 'snooze' | null>(null);
  const tab = inboxTab(alert, Date.now());
  const active = tab !== 'resolved';
  useAction('acknowledge', () => setOpen('acknowledge'), { enabled: active && tab === 'firing' });
  useAction('snooze', () => setOpen('snooze'), { enabled: active });
  const change = (which: 'acknowledge' | 'snooze') => (isOpen: boolean) => setOpen(isOpen ? which : null);
  return (
    <div className="mb-4 flex flex-wrap gap-2 max-md:fixed max-md:inset-x-0 max-md:bottom-[calc(56px+env(safe-area-inset-bottom))] max-md:z-20 max-md:mb-0 max-md:border-t max-md:border-line max-md:bg-bg max-md:px-4 max-md:py-2">
      {active && (
        <>
          {tab === 'acknowledged' ? (
            <span className="inline-flex h-8 items-center gap-2 text-muted pointer-coarse:h-11">
              <Check size={16} aria-hidden /> Acknowledged
            </span>
          ) : (
            <Popover
              label="Acknowledge"
              look="primary"
              className="max-md:flex-1"
              open={open === 'acknowledge'}
              onOpenChange={change('acknowledge')}
              content={close => <AcknowledgeForm id={alert.id} onDone={close} />}
            >
              <Check size={16} aria-hidden />
              Acknowledge
            </Popover>
          )}
          <Popover
            label="Snooze"
            className="max-md:flex-1"
            open={open === 'snooze'}
            onOpenChange={change('snooze')}
            content={close => <SnoozeForm id={alert.id} onDone={close} />}
          >
            <Clock size={16} aria-hidden />
            Snooze
            <ChevronDown size={16} aria-hidden />
          </Popover>
        </>
      )}
      <CopyButton text={() => location.origin + location.pathname} label="Copy link" square={active} />
    </div>
  );
}
