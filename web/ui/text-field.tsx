import type { InputHTMLAttributes, Ref } from 'react';
import { classes } from './classes.ts';

interface TextFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** The label stays for screen readers only. */
  quietLabel?: boolean;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

export function TextField({ label, quietLabel, error, className, ...input }: TextFieldProps) {
  return (
    <label className={classes('block min-w-0', className)}>
      <span className={quietLabel ? 'sr-only' : 'mb-1 block text-label font-semibold'}>{label}</span>
      <input
        {...input}
        aria-invalid={error ? true : undefined}
        className="h-8 w-full min-w-0 rounded-control border border-control bg-bg px-2 text-body pointer-coarse:h-11 pointer-coarse:text-lead"
      />
      {error && (
        <span role="alert" className="mt-1 block text-label text-critical">
          {error}
        </span>
      )}
    </label>
  );
}
