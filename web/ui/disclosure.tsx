import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

/** A native disclosure: works with the keyboard and with find-in-page. */
export function Disclosure({
  summary,
  children,
  open,
}: {
  summary: ReactNode;
  children: ReactNode;
  open?: boolean;
}) {
  return (
    <details className="group/disclosure" open={open}>
      <summary className="flex min-h-8 cursor-pointer list-none items-center gap-1 rounded-control text-body text-accent pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        <ChevronRight size={16} aria-hidden className="shrink-0 group-open/disclosure:rotate-90" />
        {summary}
      </summary>
      {children}
    </details>
  );
}
