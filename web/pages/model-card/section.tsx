import { type ReactNode, useId } from 'react';

/** A part of the card under its own head. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-6 print:mt-4">
      <h2 id={id} className="mb-1 text-body">
        {title}
      </h2>
      {children}
    </section>
  );
}

/** What is not known, said where it would stand. */
export const Missing = ({ children }: { children: ReactNode }) => <p className="text-muted">{children}</p>;
