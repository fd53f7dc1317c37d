import { Outlet, useMatches, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useKeyRefused } from '../data/api-key.ts';
import { startLive } from '../data/live.ts';
import { useOnboarding } from '../data/onboarding.ts';
import { Banners } from './banners.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { FilterChips } from './filters.tsx';
import { Rail } from './rail.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { SignIn } from './sign-in.tsx';
import { TopBar } from './top-bar.tsx';
import { listenToKeys, useAction } from './use-action.ts';
import { ViewControls } from './view-controls.tsx';

const Palette = lazy(() => import('./palette.tsx'));

/** What a page says about itself to the frame. */
declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** The page shows a time range, with or without a comparison. */
    view?: 'range' | 'compare';
  }
}

/** The frame around every page. */
export function Shell() {
  const refused = useKeyRefused();
  return refused ? <SignIn /> : <SignedIn />;
}

function SignedIn() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const ranged = useMatches({ select: matches => matches.at(-1)?.staticData.view });
  // Before the first span there is nothing to narrow down.
  const never = useOnboarding().data?.first_span === null;
  const view = never ? undefined : ranged;
  const navigate = useNavigate();
  useAction('palette', () => setPalette(true));
  useAction('help', () => setHelp(true));
  useAction('search', () => setPalette(true), { fallback: true });
  useAction('go-overview', () => void navigate({ to: '/' }));
  useAction('go-alerts', () => void navigate({ to: '/alerts' }));
  useAction('go-traces', () => void navigate({ to: '/traces' }));
  useEffect(listenToKeys, []);
  useLiveAfterPaint();
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only z-50 rounded-control bg-bg px-3 py-2 text-accent focus:not-sr-only focus:fixed focus:left-2 focus:top-2"
      >
        Skip to the page
      </a>
      <Rail />
      <div className="min-w-0 flex-1 max-md:pb-[calc(72px+env(safe-area-inset-bottom))]">
        <TopBar
          controls={view ? <ViewControls compare={view === 'compare'} /> : null}
          ranged={view !== undefined}
          onSearch={() => setPalette(true)}
        />
        <Banners />
        <main id="main" tabIndex={-1} className="mx-auto max-w-content p-4 outline-none md:p-6">
          {view && <FilterChips />}
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Shortcuts open={help} onClose={() => setHelp(false)} />
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** The socket's code is fetched when the page has been drawn. */
function useLiveAfterPaint() {
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    const timer = setTimeout(() => {
      void startLive().then(
        end => {
          if (gone) end();
          else stop = end;
        },
        () => undefined,
      );
    }, 500);
    return () => {
      gone = true;
      clearTimeout(timer);
      stop?.();
    };
  }, []);
}
