import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useReportingZone } from '../data/onboarding.ts';
import { toView, type View, type ViewSearch } from './view.ts';

export interface ViewHandle {
  view: View;
  /** Zone of buckets and ranges. */
  zone: string;
  /** Changes search parameters of this page; `undefined` goes back to a default. */
  setView: (change: { [Name in keyof ViewSearch]?: ViewSearch[Name] | undefined }) => void;
}

/** What the page shows, from the URL, and the way to change it. */
export function useView(): ViewHandle {
  const search = useSearch({ strict: false }) as ViewSearch;
  const navigate = useNavigate();
  const reporting = useReportingZone();
  const { from, to, cmp, env, f, g, tz } = search;
  // Not the search object itself: pages add parameters of their own, and the view must not change with them.
  const view = useMemo(
    () => toView({ from, to, cmp, env, f, g, tz } as ViewSearch),
    [from, to, cmp, env, f, g, tz],
  );
  return {
    view,
    zone: view.tz || reporting,
    setView: change =>
      void navigate({ to: '.', resetScroll: false, search: (old: object) => ({ ...old, ...change }) }),
  };
}
