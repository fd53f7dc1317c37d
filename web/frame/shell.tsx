import { Outlet, useMatches, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useKeyRefused } from '../data/api-key.ts';
import { useOnboarding } from '../data/onboarding.ts';
import { Banners } from './banners.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { Rail } from './rail.tsx';
import { TopBar } from './top-bar.tsx';
import { useAction } from './use-action.ts';

const FilterChips = lazy(() => import('./filter-chips.tsx'));
const ViewControls = lazy(() => import('./view-controls.tsx'));
const Palette = lazy(() => import('./palette.tsx'));
const Shortcuts = lazy(() => import('./shortcuts.tsx'));
const SignIn = lazy(() => import('./sign-in.tsx'));

/** What a page says about itself to the frame. */
declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** The page shows a time range: alone, with filters, or with those and a comparison. */
    view?: 'time' | 'range' | 'compare';
  }
}

/** The frame around every page. */
export function Shell() {
  const refused = useKeyRefused();
  return refused ? (
    <Suspense>
      <SignIn />
    </Suspense>
  ) : (
    <SignedIn />
  );
}

function SignedIn() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const ranged = useMatches({ select: matches => matches.at(-1)?.staticData.view });
  // Before the first span there is nothing to narrow down; refusals and metrics have times without any.
  const never = useOnboarding().data?.first_span === null;
  const view = never && ranged !== 'time' ? undefined : ranged;
  const navigate = useNavigate();
  useAction('palette', () => setPalette(true));
  useAction('help', () => setHelp(true));
  useAction('search', () => setPalette(true), { fallback: true });
  useAction('go-overview', () => void navigate({ to: '/' }));
  useAction('go-alerts', () => void navigate({ to: '/alerts' }));
  useAction('go-traces', () => void navigate({ to: '/traces' }));
  useAction('go-spend', () => void navigate({ to: '/spend' }));
  useAction('go-quality', () => void navigate({ to: '/quality' }));
  useAction('go-drift', () => void navigate({ to: '/drift' }));
  useAction('go-compare', () => void navigate({ to: '/compare' }));
  useAction('go-budgets', () => void navigate({ to: '/budgets' }));
  useAction('go-ingest', () => void navigate({ to: '/ingest' }));
  useKeysAfterPaint();
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
          controls={
            view ? (
              <Suspense fallback={<span />}>
                <ViewControls view={view} />
              </Suspense>
            ) : null
          }
          ranged={view !== undefined}
          onSearch={() => setPalette(true)}
        />
        <Banners />
        <main id="main" tabIndex={-1} className="mx-auto max-w-content p-4 outline-none md:p-6">
          <Suspense>{view && view !== 'time' && <FilterChips />}</Suspense>
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Suspense>
        {palette && <Palette onClose={() => setPalette(false)} />}
        {help && <Shortcuts onClose={() => setHelp(false)} />}
      </Suspense>
    </div>
  );
}

/** The socket's code is fetched when the page has been drawn. */
function useLiveAfterPaint() {
  useEffect(
    () => later(500, () => import('../data/live-socket.ts').then(({ startLive }) => startLive())),
    [],
  );
}

/** So is the map of keys: nobody presses one before there is something to see. */
function useKeysAfterPaint() {
  useEffect(
    () => later(0, () => import('./listen-to-keys.ts').then(({ listenToKeys }) => listenToKeys())),
    [],
  );
}

/** Starts something after a while; the way to stop it works before, during and after its start. */
function later(waitMs: number, start: () => Promise<() => void>): () => void {
  let stop: (() => void) | undefined;
  let gone = false;
  const timer = setTimeout(() => {
    start().then(
      end => {
        if (gone) end();
        else stop = end;
      },
      // Without it the page still works, and asks again by itself.
      () => undefined,
    );
  }, waitMs);
  return () => {
    gone = true;
    clearTimeout(timer);
    stop?.();
  };
}
