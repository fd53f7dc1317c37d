import { Link, useParams } from '@tanstack/react-router';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useRuleAlert } from '../../data/rules.ts';
import { writeFilters } from '../../state/filters.ts';
import { absolute } from '../../state/range.ts';
import { PageTitle } from '../../states/page-title.tsx';
import { Block } from '../../ui/block.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { NoteForm } from '../alerts/note-form.tsx';
import { OneAlert } from '../alerts/one-alert.tsx';
import { RuleAlertActions } from '../alerts/rule-alert-actions.tsx';
import { RuleAlertState } from '../alerts/rule-alert-state.tsx';
import { VerdictButtons } from '../alerts/verdict-buttons.tsx';
import { RuleChartPanel } from './rule-chart.tsx';

type Detail = NonNullable<ReturnType<typeof useRuleAlert>['data']>;

/** An alert of a plain rule: what crossed which line, since when, who has it, and what to look at. */
export function RuleAlertPage() {
  const { id } = useParams({ from: '/alerts/$id' });
  return <OneAlert query={useRuleAlert(id)}>{alert => <Alert alert={alert} />}</OneAlert>;
}

function Alert({ alert }: { alert: Detail }) {
  const nowMs = Date.now();
  return (
    <>
      <PageTitle title={alert.title}>
        <span className="flex flex-wrap gap-x-3">
          <RuleAlertState alert={alert} nowMs={nowMs} />
          <span title={exact(Date.parse(alert.opened_at), viewerZone())}>
            since {timeNear(Date.parse(alert.opened_at), nowMs, viewerZone())}
          </span>
          {alert.flapping && <span>flapping</span>}
          {alert.stale && <span>data are late</span>}
          {alert.muted_by && <span>nobody is told ({alert.muted_by})</span>}
        </span>
      </PageTitle>
      <div className="mb-4 flex flex-wrap gap-2">
        <RuleAlertActions alert={alert} look="primary" />
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          {alert.chart && <RuleChartPanel alert={alert} chart={alert.chart} />}
          <About alert={alert} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Block title="What next">
            <div className="flex flex-col items-start gap-3">
              <Traces alert={alert} nowMs={nowMs} />
              <VerdictButtons id={alert.id} />
            </div>
          </Block>
          <Block title="Timeline">
            <ol className="flex flex-col gap-2">
              {alert.timeline.map(({ at, text }) => (
                <li key={at + text} className="flex gap-3">
                  <time
                    dateTime={at}
                    title={exact(Date.parse(at), viewerZone())}
                    className="w-24 shrink-0 text-muted"
                  >
                    {timeNear(Date.parse(at), nowMs, viewerZone())}
                  </time>
                  <span className="min-w-0 break-words">{text}</span>
                </li>
              ))}
            </ol>
            <NoteForm id={alert.id} />
          </Block>
        </div>
      </div>
    </>
  );
}

function About({ alert }: { alert: Detail }) {
  return (
    <Block title="The rule">
      <p className="break-words">
        <Link to="/rules" search={{ edit: alert.rule_id }} className="text-accent underline">
          {alert.rule}
        </Link>
        : {alert.summary}
      </p>
      {alert.description && <p className="mt-1 max-w-text break-words text-muted">{alert.description}</p>}
      {Object.keys(alert.labels).length > 0 && (
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3">
          {Object.entries(alert.labels).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="break-words">{value || '(none)'}</dd>
            </div>
          ))}
        </dl>
      )}
    </Block>
  );
}

/** The requests the alert is about; a budget is about its own page. */
function Traces({ alert, nowMs }: { alert: Detail; nowMs: number }) {
  if (alert.kind === 'budget')
    return (
      <Link to="/budgets" className={controlClasses('primary')}>
        Open the budgets
      </Link>
    );
  const fromMs = Date.parse(alert.opened_at) - 3_600_000;
  const toMs = alert.resolved_at ? Date.parse(alert.resolved_at) : nowMs;
  const filters = (['feature', 'model', 'environment'] as const).flatMap(dimension => {
    const value = alert.labels[dimension];
    return value ? [{ dimension, value }] : [];
  });
  return (
    <Link
      to="/traces"
      search={{ ...absolute(fromMs, toMs), f: writeFilters(filters) }}
      className={controlClasses('primary')}
    >
      Requests since an hour before it fired
    </Link>
  );
}
