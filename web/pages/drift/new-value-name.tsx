import type { NewValues } from '../../data/drift.ts';

type NewValue = NewValues['values'][number];

/** What was seen for the first time, and where; `label` says what kind of thing it is. */
export function NewValueName({ label, found }: { label: string; found: NewValue }) {
  const { feature, environment, value } = found;
  return (
    <span className="min-w-0 break-words">
      <span className="text-muted">{label} </span>
      <span className="font-semibold">{value}</span>
      <span className="text-muted">
        {' '}
        in {feature || '(no feature)'}
        {environment && `, ${environment}`}
      </span>
    </span>
  );
}
