import { classes } from './classes.ts';

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One choice of a few, all visible. Native radio buttons, so arrow keys and forms work as everywhere. */
export function Segmented<Value extends string>({ label, value, options, onChange }: SegmentedProps<Value>) {
  return (
    <fieldset className="inline-flex rounded-control border border-control">
      <legend className="sr-only">{label}</legend>
      {options.map((option, at) => (
        <label
          key={option.value}
          className={classes(
            'relative inline-flex h-[30px] cursor-pointer items-center px-3 text-body whitespace-nowrap pointer-coarse:h-11',
            'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
            at > 0 && 'border-l border-control',
            at === 0 && 'rounded-l-[5px]',
            at === options.length - 1 && 'rounded-r-[5px]',
            option.value === value ? 'bg-surface font-semibold text-ink' : 'text-muted hover:text-ink',
          )}
        >
          <input
            type="radio"
            className="absolute inset-0 cursor-pointer opacity-0"
            name={label}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
