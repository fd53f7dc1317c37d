interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** A native choice: the platform's list is the best one on a phone. */
export function Select<Value extends string>({ label, value, options, onChange }: SelectProps<Value>) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={event => {
        const chosen = options.find(option => option.value === event.target.value);
        if (chosen) onChange(chosen.value);
      }}
      className="h-8 max-w-full min-w-0 cursor-pointer rounded-control border border-control bg-bg px-2 text-body pointer-coarse:h-11"
    >
      {options.map(option => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
