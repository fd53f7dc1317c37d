import { Link } from '@tanstack/react-router';
import { Ellipsis } from 'lucide-react';
import { Popover } from '../ui/popover.tsx';
import { mainPages, moneyPages, otherPages, qualityPages } from './destinations.ts';
import { FiringCount } from './rail.tsx';
import { useFiring } from './use-firing.ts';

const ITEM = 'relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-label text-muted';

/** Pages on a phone, within reach of the thumb. */
export function BottomBar() {
  const firing = useFiring();
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-bg pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {mainPages.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          activeProps={{ className: 'font-semibold !text-accent' }}
          className={`${ITEM} focus-visible:-outline-offset-2`}
        >
          <Icon size={20} aria-hidden />
          {label}
          {to === '/alerts' && <FiringCount count={firing} className="absolute left-1/2 top-1 ml-1" />}
        </Link>
      ))}
      <Popover
        label="More pages"
        align="end"
        look="quiet"
        className="!h-14 flex-1 flex-col !gap-0.5 !rounded-none !text-label text-muted focus-visible:-outline-offset-2"
        content={close => (
          <ul className="min-w-48">
            {[...qualityPages, ...moneyPages, ...otherPages].map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  onClick={close}
                  className="flex h-11 items-center gap-3 rounded-control px-3 hover:bg-surface"
                >
                  <Icon size={18} aria-hidden />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        )}
      >
        <Ellipsis size={20} aria-hidden />
        More
      </Popover>
    </nav>
  );
}
