import type { TextareaHTMLAttributes } from 'react';
import { classes } from './classes.ts';

interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: string;
}

export function TextArea({ label, className, ...area }: TextAreaProps) {
  return (
    <label className={classes('block min-w-0', className)}>
      <span className="mb-1 block text-label font-semibold">{label}</span>
      <textarea
        {...area}
        className="w-full min-w-0 resize-y rounded-control border border-control bg-bg px-2 py-1.5 text-body pointer-coarse:text-lead"
      />
    </label>
  );
}
