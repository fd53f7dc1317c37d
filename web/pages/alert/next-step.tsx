import { Link } from '@tanstack/react-router';
import type { AlertDetail } from '#contract/alert.ts';
import type { Condition } from '#contract/dimension.ts';
import type { Cause } from '#contract/explanation.ts';
import { writeFilters } from '../../state/filters.ts';
import { absolute } from '../../state/range.ts';
import { Block } from '../../ui/block.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { armDimensions } from '../compare/search.ts';
import { alertRange, worstFirst } from './alert-figures.ts';
import { afterCommonWords, conditionWords, dimensionName, filtersOf, tellingCauses } from './causes.ts';

/** What to look at first. Words come from templates over the computed figures. */
export function NextStep({ alert }: { alert: AlertDetail }) {
  const { beforeMs, changedMs, endMs } = alertRange(alert, Date.now());
  const [cause] = tellingCauses(alert.explanation);
  const filters: Condition[] = [{ dimension: 'feature', value: alert.feature }];
  const narrowed = cause ? [...filters, ...filtersOf(cause.conditions)] : filters;
  const compared = cause && comparison(cause);
  return (
    <Block title="Suggested next step">
      <p>{advice(alert, cause)}</p>
      <div className="mt-3 flex flex-wrap gap-2">
        {compared && (
          <Link
            to="/compare"
            search={{ ...absolute(beforeMs, endMs), f: writeFilters(filters), ...compared }}
            className={controlClasses('primary')}
          >
            Compare {afterCommonWords(compared.b, compared.a)} and {afterCommonWords(compared.a, compared.b)}
          </Link>
        )}
        <Link
          to="/traces"
          search={{ ...absolute(changedMs, endMs), f: writeFilters(narrowed), ...worstFirst(alert.metric) }}
          className={controlClasses(compared ? undefined : 'primary')}
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

/** The new value against the one it took the place of, where the Compare page can tell them apart. */
function comparison({ conditions, instead_of: a }: Cause) {
  const [filter] = conditions.length === 1 ? filtersOf(conditions) : [];
  if (!a || !filter || !armDimensions.includes(filter.dimension)) return null;
  return { d: filter.dimension, a, b: filter.value };
}

function advice(alert: AlertDetail, cause: Cause | undefined): string {
  const what = alert.metric_label.toLowerCase();
  if (alert.explanation?.verdict === 'mix')
    return 'Nothing needs to be rolled back. If this traffic is here to stay, accept it as the new normal.';
  if (!cause) return `Look at the traces since the change; the ones with the worst ${what} come first.`;
  const [first] = cause.conditions;
  if (first && cause.is_new && cause.conditions.length === 1)
    return `${first.value} is a new ${dimensionName(first.dimension).toLowerCase()} and carries most of the change. Read its traces; if they confirm it, go back to the one before.`;
  return `Most of the change lies in ${conditionWords(cause.conditions)}. Read its traces first.`;
}
