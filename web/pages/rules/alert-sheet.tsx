import { Link } from '@tanstack/react-router';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useRuleAlert } from '../../data/rules.ts';
import { Failure } from '../../states/failure.tsx';
import { NoteForm } from '../alerts/note-form.tsx';
import { RuleAlertActions } from '../alerts/rule-alert-actions.tsx';
import { RuleAlertState } from '../alerts/rule-alert-state.tsx';
import { VerdictButtons } from '../alerts/verdict-buttons.tsx';

/** One alert of a plain rule: what, since when, who has it, and what happened. */
export function AlertSheet({ id }: { id: string }) {
  const { data, error, refetch } = useRuleAlert(id);
  if (!data)
    return error ? (
      <Failure what="Could not load the alert." error={error} onRetry={() => void refetch()} />
    ) : (
      <p role="status" className="p-4 text-muted">
        Loading…
      </p>
    );
  const labels = Object.entries(data.labels);
  return (
    <div className="flex flex-col gap-4 p-4">
      <div>
        <h2 className="text-h1 break-words">{data.title}</h2>
        <p className="mt-1 flex flex-wrap gap-x-3 text-muted">
          <RuleAlertState alert={data} nowMs={Date.now()} />
          <span title={exact(Date.parse(data.opened_at), viewerZone())}>
            since {timeNear(Date.parse(data.opened_at), Date.now(), viewerZone())}
          </span>
        </p>
      </div>
      <RuleAlertActions alert={data} />
      <p>
        <Link from="/rules" search={{ edit: data.rule_id }} className="text-accent underline">
          {data.rule}
        </Link>
        : {data.summary}
        {data.description && <span className="block break-words text-muted">{data.description}</span>}
      </p>
      {labels.length > 0 && (
        <dl className="grid grid-cols-[auto_1fr] gap-x-3">
          {labels.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="break-words">{value || '(none)'}</dd>
            </div>
          ))}
        </dl>
      )}
      <VerdictButtons id={data.id} />
      <section aria-label="Timeline">
        <h3 className="mb-1 font-semibold">Timeline</h3>
        <ol className="flex flex-col">
          {data.timeline.map(({ at, text }) => (
            <li
              key={at + text}
              className="grid grid-cols-[8rem_1fr] gap-3 border-t border-line py-1.5 first:border-t-0"
            >
              <span className="text-muted" title={exact(Date.parse(at), viewerZone())}>
                {timeNear(Date.parse(at), Date.now(), viewerZone())}
              </span>
              <span className="min-w-0 break-words">{text}</span>
            </li>
          ))}
        </ol>
        <NoteForm id={data.id} />
      </section>
    </div>
  );
}
