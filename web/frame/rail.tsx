import { Link } from '@tanstack/react-router';
import { classes } from '../ui/classes.ts';
import { Brand } from './brand.tsx';
import { mainPages, moneyPages, otherPages, qualityPages } from './destinations.ts';
import { useFiring } from './use-firing.ts';

const ITEM =
  'relative flex h-9 items-center gap-3 rounded-control px-3 text-body text-muted hover:bg-surface hover:text-ink max-xl:justify-center max-xl:px-0 pointer-coarse:h-11';
const ACTIVE = { className: 'bg-surface font-semibold !text-ink' };

/** The left rail: words on wide screens, icons below 1280 px, gone below 768. */
export function Rail() {
  const firing = useFiring();
  return (
    <nav
      aria-label="Pages"
      className="sticky top-0 hidden h-dvh w-16 shrink-0 flex-col border-r border-line md:flex xl:w-[200px]"
    >
      <div className="flex h-14 shrink-0 items-center px-5">
        <Brand />
      </div>
      <div className="flex flex-1 flex-col gap-1 px-2 py-2">
        {[...mainPages, ...qualityPages, ...moneyPages].map(({ to, label, icon: Icon, keys }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            activeProps={ACTIVE}
            className={ITEM}
            title={`${label} (${keys})`}
          >
            <Icon size={18} aria-hidden />
            <span className="max-xl:sr-only">{label}</span>
            {to === '/alerts' && (
              <FiringCount count={firing} className="ml-auto max-xl:absolute max-xl:right-0 max-xl:top-0" />
            )}
          </Link>
        ))}
        <div className="mt-auto flex flex-col gap-1">
          {otherPages.map(({ to, label, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ includeSearch: false }}
              activeProps={ACTIVE}
              className={ITEM}
              title={label}
            >
              <Icon size={18} aria-hidden />
              <span className="max-xl:sr-only">{label}</span>
            </Link>
          ))}
        </div>
      </div>
    </nav>
  );
}

/** The number of incidents that need someone; nothing when none does. */
export function FiringCount({ count, className }: { count: number; className?: string }) {
  if (count === 0) return null;
  return (
    <span
      className={classes(
        'inline-flex h-5 min-w-5 items-center justify-center rounded-full bg-critical px-1.5 text-label font-semibold text-bg',
        className,
      )}
    >
      {count > 99 ? '99+' : count}
      <span className="sr-only"> firing</span>
    </span>
  );
}
