import { useState } from 'react';
import type { ShapeWord } from '#contract/shape-words.ts';
import { type TopicOf, useTopicWords } from '../../data/drift.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';

/** Which words came and went: read from the texts when somebody asks. */
export function TopicWords({ of }: { of: TopicOf }) {
  const [asked, setAsked] = useState(false);
  const { data, error, refetch } = useTopicWords(of, asked);
  if (!asked)
    return (
      <Button className="mb-1" onClick={() => setAsked(true)}>
        Which words?
      </Button>
    );
  if (error) return <Failure what="Could not read the words." error={error} onRetry={() => void refetch()} />;
  if (!data)
    return (
      <p role="status" className="py-1 text-label text-muted">
        Reading texts…
      </p>
    );
  const { more, fewer, now_texts, reference_texts } = data;
  return (
    <div className="pb-1 text-label">
      {more.length + fewer.length === 0 && <p>No single word stands out.</p>}
      <Words title="More often" words={more} />
      <Words title="Less often" words={fewer} />
      <p className="text-muted">
        Of {format.count(now_texts)} texts, and {format.count(reference_texts)} of the 12 days before.
      </p>
    </div>
  );
}

function Words({ title, words }: { title: string; words: readonly ShapeWord[] }) {
  if (words.length === 0) return null;
  return (
    <p className="break-words">
      <span className="text-muted">{title}: </span>
      {words.map(({ word, now, reference }, at) => (
        <span key={word} title={`${format.percent(now)} of texts, ${format.percent(reference)} before`}>
          {at > 0 && ', '}
          {word} <span className="text-muted">{format.percent(now)}</span>
        </span>
      ))}
    </p>
  );
}
