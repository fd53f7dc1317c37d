import { ChevronDown, GitCompareArrows, Layers } from 'lucide-react';
import { lazy } from 'react';
import { useView } from '../state/use-view.ts';
import { compareLabels, compares } from '../state/view.ts';
import { Popover } from '../ui/popover.tsx';
import { FilterButton } from './filter-button.tsx';
import { RangePicker } from './range-picker.tsx';
import { useAction } from './use-action.ts';

const CompareList = lazy(() => import('./compare-list.tsx'));
const ValueList = lazy(() => import('./value-list.tsx'));

/** What the page shows: environment, time, comparison and filters. Default export because only pages over time load it. */
export default function ViewControls({ view }: { view: 'time' | 'range' | 'compare' }) {
  if (view === 'time') return <RangePicker />;
  const compare = view === 'compare';
  return (
    <>
      <div className="max-lg:hidden">
        <EnvironmentPicker />
      </div>
      <RangePicker />
      {compare && (
        <div className="max-md:hidden">
          <ComparePicker />
        </div>
      )}
      <FilterButton compare={compare} />
    </>
  );
}

function EnvironmentPicker() {
  const { view, setView } = useView();
  return (
    <Popover
      label="Environment"
      content={close => (
        <div className="w-64">
          <ValueList
            dimension="environment"
            all="All environments"
            isChosen={value => value === view.env}
            onChoose={value => {
              setView({ env: value || undefined });
              close();
            }}
          />
        </div>
      )}
    >
      <Layers size={16} aria-hidden className="text-muted" />
      <span className="max-w-32 truncate">{view.env || 'All environments'}</span>
      <ChevronDown size={16} aria-hidden className="text-muted" />
    </Popover>
  );
}

function ComparePicker() {
  const { view, setView } = useView();
  const next = compares[(compares.indexOf(view.cmp) + 1) % compares.length];
  useAction('compare', () => setView({ cmp: next === 'prev' ? undefined : next }));
  return (
    <Popover
      label="Compare with"
      look="quiet"
      title="Compare with (c)"
      content={close => (
        <div className="w-56">
          <CompareList onChosen={close} />
        </div>
      )}
    >
      <GitCompareArrows size={16} aria-hidden className="text-muted" />
      <span className="max-xl:hidden">
        {view.cmp === 'none' ? 'No comparison' : `vs ${compareLabels[view.cmp].toLowerCase()}`}
      </span>
      <ChevronDown size={16} aria-hidden className="text-muted" />
    </Popover>
  );
}
