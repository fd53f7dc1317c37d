import type { ReactNode } from 'react';

interface TileProps {
  label: string;
  figure: string;
  title?: string | undefined;
  children?: ReactNode;
  className?: string;
}

/** One figure with what it means below it. */
export function Tile({ label, figure, title, children, className = '' }: TileProps) {
  return (
    <li className={`min-h-[88px] min-w-0 rounded-card border border-line px-3 py-[11px] ${className}`}>
      <div className="text-label font-semibold">{label}</div>
      <div className="truncate text-figure font-semibold max-sm:text-h1" title={title}>
        {figure}
      </div>
      <div className="text-label text-muted">{children}</div>
    </li>
  );
}
