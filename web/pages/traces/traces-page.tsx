import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useQualityScore } from '../../data/overview.ts';
import { useTraces } from '../../data/traces.ts';
import type { TraceQuery } from '../../state/trace-query.ts';
import { useView } from '../../state/use-view.ts';
import { Empty } from '../../states/empty.tsx';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { NewTraces } from './new-traces.tsx';
import { SearchBar } from './search-bar.tsx';
import { TraceList } from './trace-list.tsx';
import { Volume } from './volume.tsx';

/** Show me requests like this. */
export function TracesPage() {
  const search = useSearch({ from: '/traces' });
  const navigate = useNavigate({ from: '/traces' });
  const { view } = useView();
  const sort = search.sort ?? 'newest';
  // Scores of different names do not compare, so the worst ones are those of one name.
  const main = useQualityScore(view, sort === 'worst_score' && search.score === undefined);
  const score = search.score ?? main;
  const query: TraceQuery = { q: search.q ?? '', status: search.status ?? 'any', sort, score: score ?? '' };
  const traces = useTraces(view, query, sort !== 'worst_score' || score !== undefined);
  const list = useMemo(() => traces.data?.pages.flatMap(page => page.traces) ?? [], [traces.data]);
  const scoreNames = [...new Set([query.score, ...list.flatMap(trace => Object.keys(trace.scores))])];
  const change = (part: Partial<TraceQuery>) =>
    void navigate({
      replace: true,
      search: old => ({
        ...old,
        ...part,
        ...(part.status === 'any' && { status: undefined }),
        ...(part.sort === 'newest' && { sort: undefined }),
        ...(part.q === '' && { q: undefined }),
      }),
    });
  const narrowed = query.q !== '' || query.status !== 'any';
  return (
    <>
      <PageTitle title="Traces" />
      <SearchBar query={query} scoreNames={scoreNames.filter(Boolean).sort()} onChange={change} />
      <Volume />
      {query.sort === 'newest' && <NewTraces traces={traces} />}
      {traces.data === undefined ? (
        traces.error ? (
          <Failure
            what="Could not load the traces."
            error={traces.error}
            onRetry={() => void traces.refetch()}
          />
        ) : (
          <TraceSkeleton />
        )
      ) : list.length === 0 ? (
        narrowed ? (
          <Note title="No traces match the search.">
            <Button onClick={() => change({ q: '', status: 'any' })}>Clear the search</Button>
          </Note>
        ) : (
          <Empty what="traces" />
        )
      ) : (
        <TraceList
          key={JSON.stringify(query)}
          traces={list}
          stale={traces.isPlaceholderData}
          end={
            traces.hasNextPage || traces.isFetchingNextPage
              ? null
              : traces.data.pages.at(-1)?.more
                ? `The first ${list.length} are shown. Narrow the search to see others.`
                : ''
          }
          onEnd={() => {
            if (traces.hasNextPage && !traces.isFetchingNextPage) void traces.fetchNextPage();
          }}
        />
      )}
    </>
  );
}

function TraceSkeleton() {
  return (
    <div role="status" className="appear flex flex-col gap-2">
      <span className="sr-only">Loading</span>
      {[1, 2, 3, 4, 5, 6, 7, 8].map(row => (
        <div key={row} className="h-9 rounded-control bg-surface max-md:h-20" />
      ))}
    </div>
  );
}
