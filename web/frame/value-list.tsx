import { useState } from 'react';
import type { Dimension } from '#contract/dimension.ts';
import { useValues } from '../data/series.ts';
import { format } from '../format.ts';
import { dimensionLabels } from '../state/filters.ts';
import { useView } from '../state/use-view.ts';
import { Failure } from '../states/failure.tsx';
import { TextField } from '../ui/text-field.tsx';
import { ChoiceList } from './choice-list.tsx';

interface ValueListProps {
  dimension: Dimension;
  /** Label of the choice of no value. */
  all?: string;
  isChosen: (value: string) => boolean;
  onChoose: (value: string) => void;
}

/** Values of a dimension in the shown time, most frequent first. Default export because it is loaded lazily. */
export default function ValueList({ dimension, all, isChosen, onChoose }: ValueListProps) {
  const { view } = useView();
  const values = useValues(view, dimension, true);
  const [text, setText] = useState('');
  if (values.error)
    return (
      <Failure what="Could not load the values." error={values.error} onRetry={() => void values.refetch()} />
    );
  if (!values.data) return <p className="appear p-2 text-muted">Loading</p>;
  const shown = values.data.filter(({ value }) => value.toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      {values.data.length > 8 && (
        <TextField
          label="Find a value"
          quietLabel
          className="p-1 pb-2"
          placeholder="Find"
          value={text}
          onChange={event => setText(event.target.value)}
        />
      )}
      <ChoiceListWithAll
        all={all}
        isChosen={isChosen}
        onChoose={onChoose}
        values={shown}
        dimension={dimension}
      />
      {shown.length === 0 && !all && <p className="p-2 text-muted">No values in this time range.</p>}
    </>
  );
}

function ChoiceListWithAll({
  all,
  values,
  dimension,
  isChosen,
  onChoose,
}: ValueListProps & { all: string | undefined; values: { value: string; calls: number }[] }) {
  const choices = values
    .filter(({ value }) => !(all && value === ''))
    .map(({ value, calls }) => ({ value, label: value || '(none)', note: format.count(calls) }));
  return (
    <ChoiceList
      label={dimensionLabels[dimension]}
      choices={all ? [{ value: '', label: all, note: '' }, ...choices] : choices}
      isChosen={isChosen}
      onChoose={onChoose}
    />
  );
}
