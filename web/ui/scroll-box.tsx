import type { CSSProperties, ReactNode } from 'react';

interface ScrollBoxProps {
  label: string;
  className?: string;
  style?: CSSProperties;
  children: ReactNode;
}

/** A box that scrolls by itself; it can be reached by keyboard, or its end never could. */
export function ScrollBox({ label, className, style, children }: ScrollBoxProps) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={label}
      className={`overflow-auto focus-visible:-outline-offset-2 ${className}`}
      style={style}
    >
      {children}
    </section>
  );
}
