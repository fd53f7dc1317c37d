import { Link } from '@tanstack/react-router';

export function BrandMark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" className="shrink-0">
      <rect width="24" height="24" rx="6" className="fill-accent" />
      <path
        d="M4 9h6.5c2.5 0 2.5 6 5 6H20"
        className="stroke-bg"
        strokeWidth="2.25"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The name, leading home. */
export function Brand({ compact = false }: { compact?: boolean }) {
  return (
    <Link to="/" className="flex items-center gap-2 rounded-control" aria-label="Driftline, to the overview">
      <BrandMark />
      {!compact && <span className="text-lead font-semibold max-xl:hidden">Driftline</span>}
    </Link>
  );
}
