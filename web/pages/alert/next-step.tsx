import { Link } from '@tanstack/react-router';
import type { AlertDetail } from '#contract/alert.ts';
import type { Condition, Dimension } from '#contract/dimension.ts';
import { dimensionLabels, writeFilters } from '../../state/filters.ts';
import { absolute } from '../../state/range.ts';
import { controlClasses } from '../../ui/button.tsx';
import { alertRange, worstFirst } from './alert-figures.ts';
import { Block } from './block.tsx';
import { EXPLAINS_AT_LEAST } from './what-changed.tsx';

/** What to look at first. Words come from templates over the computed figures. */
export function NextStep({ alert }: { alert: AlertDetail }) {
  const { beforeMs, changedMs, endMs } = alertRange(alert, Date.now());
  const cause = alert.segments.find(
    one => one.explained >= EXPLAINS_AT_LEAST && Object.hasOwn(dimensionLabels, one.dimension),
  );
  const filters: Condition[] = [{ dimension: 'feature', value: alert.feature }];
  const narrowed: Condition[] = cause
    ? [...filters, { dimension: cause.dimension as Dimension, value: cause.value }]
    : filters;
  return (
    <Block title="Suggested next step">
      <p>{advice(alert, cause)}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Link
          to="/traces"
          search={{ ...absolute(changedMs, endMs), f: writeFilters(narrowed), ...worstFirst(alert.metric) }}
          className={controlClasses('primary')}
        >
          Traces since the change
        </Link>
        <Link
          to="/traces"
          search={{ ...absolute(beforeMs, changedMs), f: writeFilters(filters), ...worstFirst(alert.metric) }}
          className={controlClasses()}
        >
          The day before
        </Link>
        <Link
          to="/"
          search={{ ...absolute(beforeMs, endMs), f: writeFilters(filters) }}
          className={controlClasses()}
        >
          All charts of this feature
        </Link>
      </div>
    </Block>
  );
}

function advice(alert: AlertDetail, cause: AlertDetail['segments'][number] | undefined): string {
  const what = alert.metric_label.toLowerCase();
  if (!cause) return `Look at the traces since the change; the ones with the worst ${what} come first.`;
  const name = (dimensionLabels[cause.dimension as Dimension] ?? cause.dimension).toLowerCase();
  const isNew = alert.changes.some(one => one.kind === cause.dimension && one.value === cause.value);
  return isNew
    ? `${cause.value} is a new ${name} and carries most of the change. Read its traces; if they confirm it, go back to the one before.`
    : `Most of the change lies in ${name} ${cause.value || '(none)'}. Read its traces first.`;
}
