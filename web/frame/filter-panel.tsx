import { ChevronLeft } from 'lucide-react';
import { useState } from 'react';
import type { Dimension } from '#contract/dimension.ts';
import { dimensionLabels, dimensions } from '../state/filters.ts';
import { useView } from '../state/use-view.ts';
import { Button } from '../ui/button.tsx';
import CompareList from './compare-list.tsx';
import { useFilters } from './use-filters.ts';
import ValueList from './value-list.tsx';

/** First by what, then which value. Default export because it is loaded when it is first opened. */
export default function FilterPanel({ compare }: { compare: boolean }) {
  const [dimension, setDimension] = useState<Dimension | null>(null);
  const [section, setSection] = useState<'compare' | null>(null);
  const { view, setView } = useView();
  const { filters, toggle } = useFilters();
  const back = (
    <Button
      look="quiet"
      className="mb-1"
      onClick={() => {
        setDimension(null);
        setSection(null);
      }}
    >
      <ChevronLeft size={16} aria-hidden />
      {dimension ? dimensionLabels[dimension] : 'Compare with'}
    </Button>
  );
  if (section === 'compare')
    return (
      <div className="w-72 max-w-full">
        {back}
        <CompareList onChosen={() => setSection(null)} />
      </div>
    );
  if (dimension)
    return (
      <div className="w-72 max-w-full">
        {back}
        <ValueList
          dimension={dimension}
          isChosen={value =>
            dimension === 'environment'
              ? view.env === value
              : filters.some(one => one.dimension === dimension && one.value === value)
          }
          onChoose={value =>
            dimension === 'environment'
              ? setView({ env: view.env === value ? undefined : value })
              : toggle({ dimension, value })
          }
        />
      </div>
    );
  return (
    <ul className="grid w-72 max-w-full grid-cols-2">
      {compare && (
        <li className="md:hidden">
          <Button look="quiet" className="w-full !justify-start" onClick={() => setSection('compare')}>
            Compare with
          </Button>
        </li>
      )}
      {dimensions.map(name => (
        <li key={name} className={name === 'environment' ? 'lg:hidden' : ''}>
          <Button look="quiet" className="w-full !justify-start" onClick={() => setDimension(name)}>
            {dimensionLabels[name]}
          </Button>
        </li>
      ))}
    </ul>
  );
}
