import { useView } from '../state/use-view.ts';
import { compareLabels, compares } from '../state/view.ts';
import { ChoiceList } from './choice-list.tsx';

/** What the shown time is compared with. Default export because it is loaded lazily. */
export default function CompareList({ onChosen }: { onChosen: () => void }) {
  const { view, setView } = useView();
  return (
    <ChoiceList
      label="Compare with"
      choices={compares.map(value => ({ value, label: compareLabels[value] }))}
      isChosen={value => value === view.cmp}
      onChoose={value => {
        const cmp = compares.find(one => one === value);
        setView({ cmp: cmp === 'prev' ? undefined : cmp });
        onChosen();
      }}
    />
  );
}
