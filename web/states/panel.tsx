import { CatchBoundary } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { timeSeconds, viewerZone } from '../clock.ts';
import { useLive } from '../data/live.ts';
import { classes } from '../ui/classes.ts';
import { Failure } from './failure.tsx';
import { useArrived } from './use-arrived.ts';

/** What a panel needs of a query; every hook of `data/` fits. */
export interface Asked<Data> {
  data: Data | undefined;
  error: unknown;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

interface PanelProps<Data> {
  title: string;
  query: Asked<Data>;
  /** What could not be loaded, for the sentence of a failure. */
  what: string;
  /** Height of the content in pixels, kept in every state so that nothing moves. */
  height?: number | undefined;
  /** Controls beside the title. */
  actions?: ReactNode;
  /** Shown instead of the content, or null when there is content. */
  empty?: ((data: Data) => ReactNode) | undefined;
  children: (data: Data) => ReactNode;
  className?: string;
}

/** A box that answers one question, in each of its states: loading, empty, failed, stale, ready. */
export function Panel<Data>({
  title,
  query,
  what,
  height,
  actions,
  empty,
  children,
  className,
}: PanelProps<Data>) {
  const id = useId();
  const { error } = query;
  const data = useArrived(query.data);
  return (
    <section
      aria-labelledby={id}
      aria-busy={query.isFetching}
      className={classes('relative min-w-0 rounded-card border border-line bg-bg', className)}
    >
      {query.isFetching && data !== undefined && <ProgressLine />}
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 pt-2">
        <h2 id={id} className="text-body">
          {title}
          <StaleNote updatedAt={query.dataUpdatedAt} failed={error !== null && data !== undefined} />
        </h2>
        {actions}
      </div>
      <div style={height === undefined ? undefined : { minHeight: height }}>
        {data === undefined ? (
          error ? (
            <Failure what={`Could not load ${what}.`} error={error} onRetry={() => void query.refetch()} />
          ) : (
            <Loading height={height} />
          )
        ) : (
          <CatchBoundary
            getResetKey={() => query.dataUpdatedAt}
            errorComponent={({ error: thrown, reset }) => (
              <Failure what={`Could not show ${what}.`} error={thrown} onRetry={reset} />
            )}
          >
            <Content data={data} empty={empty}>
              {children}
            </Content>
          </CatchBoundary>
        )}
      </div>
    </section>
  );
}

/** A component of its own, so that what fails in drawing it takes down this panel and not the page. */
function Content<Data>({
  data,
  empty,
  children,
}: Pick<PanelProps<Data>, 'empty' | 'children'> & { data: Data }) {
  return empty?.(data) ?? children(data);
}

function Loading({ height = 120 }: { height?: number | undefined }) {
  return (
    <div className="appear p-4 pt-2" style={{ height }} role="status">
      <span className="sr-only">Loading</span>
      <div className="h-full rounded-control bg-surface" />
    </div>
  );
}

function ProgressLine() {
  return (
    <div className="appear absolute inset-x-0 top-0 h-0.5 overflow-hidden rounded-t-card">
      <div className="progress-line h-full w-1/4 bg-accent" />
    </div>
  );
}

/** Older than two refresh periods, or the last refresh failed: say from when the figures are. */
function StaleNote({ updatedAt, failed }: { updatedAt: number; failed: boolean }) {
  const live = useLive();
  const old = live.state === 'paused' && updatedAt > 0 && Date.now() - updatedAt > 60_000;
  if (!failed && !old) return null;
  return <span className="ml-2 font-normal text-warning">as of {timeSeconds(updatedAt, viewerZone())}</span>;
}
