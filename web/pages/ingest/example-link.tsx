import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** To a span that shows what is meant. */
export function ExampleLink({
  traceId,
  spanId,
  children,
}: {
  traceId: string;
  spanId: string;
  children: ReactNode;
}) {
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId }}
      search={{ span: spanId }}
      className="inline-flex items-center text-accent underline hover:no-underline pointer-coarse:min-h-11"
    >
      {children}
    </Link>
  );
}
