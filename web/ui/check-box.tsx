import type { InputHTMLAttributes, ReactNode } from 'react';
import { classes } from './classes.ts';

interface CheckBoxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> {
  label: string;
  /** Below the label, a part of what is clicked. */
  children?: ReactNode;
}

/** A native check box with its label, and more about it below. */
export function CheckBox({ label, children, className, ...input }: CheckBoxProps) {
  return (
    <label
      className={classes('flex cursor-pointer items-start gap-3 has-disabled:cursor-default', className)}
    >
      <input
        {...input}
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 cursor-pointer accent-accent disabled:cursor-default pointer-coarse:size-5"
      />
      <span className="min-w-0">
        <span className="font-semibold">{label}</span>
        {children}
      </span>
    </label>
  );
}
