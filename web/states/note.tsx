import type { ReactNode } from 'react';

/** A quiet sentence with what to do next. */
export function Note({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-2 p-4">
      <p className="font-semibold">{title}</p>
      {children && <div className="flex flex-wrap items-center gap-2 text-muted">{children}</div>}
    </div>
  );
}
