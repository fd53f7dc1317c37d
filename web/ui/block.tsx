import { type ReactNode, useId } from 'react';

/** A titled box, as panels have, around what asks no question of its own. */
export function Block({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="min-w-0 rounded-card border border-line bg-bg">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 pt-2">
        <h2 id={id} className="text-body">
          {title}
        </h2>
        {actions}
      </div>
      <div className="px-4 pt-1 pb-4">{children}</div>
    </section>
  );
}
