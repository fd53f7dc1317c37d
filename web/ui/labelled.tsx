import type { ReactNode } from 'react';

/** A control that names itself for screen readers, with the words above it that everybody else reads. */
export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col items-start">
      <span aria-hidden className="mb-1 text-label font-semibold">
        {label}
      </span>
      {children}
    </div>
  );
}
