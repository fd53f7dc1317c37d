import { Check, Clock } from 'lucide-react';
import type { RuleAlert } from '#contract/rule.ts';
import { useSnoozeRuleAlert, useTakeRuleAlert } from '../../data/rules.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button, type ButtonLook } from '../../ui/button.tsx';

/** Take it or put it off: a button that is pressed here is the confirmation, a link never does it. */
export function RuleAlertActions({ alert, look }: { alert: RuleAlert; look?: ButtonLook }) {
  const [name] = useStored('name');
  const take = useTakeRuleAlert(alert.id);
  const snooze = useSnoozeRuleAlert(alert.id);
  if (alert.state === 'resolved') return null;
  const snoozed = alert.snoozed_until !== null && Date.parse(alert.snoozed_until) > Date.now();
  return (
    <div className="flex flex-wrap gap-2">
      {alert.acknowledged_at === null && (
        <Button
          look={look ?? 'plain'}
          disabled={take.isPending}
          onClick={() => take.mutate(name || 'on-call')}
        >
          <Check size={16} aria-hidden />
          Acknowledge
        </Button>
      )}
      {!snoozed && (
        <Button disabled={snooze.isPending} onClick={() => snooze.mutate(2)}>
          <Clock size={16} aria-hidden />
          Snooze 2 h
        </Button>
      )}
      {take.error && <Failure what="It could not be acknowledged." error={take.error} />}
      {snooze.error && <Failure what="It could not be snoozed." error={snooze.error} />}
    </div>
  );
}
