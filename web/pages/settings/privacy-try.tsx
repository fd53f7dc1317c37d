import { useDeferredValue, useState } from 'react';
import type { Privacy } from '#contract/privacy.ts';
import { type TriedRedaction, useTriedRedaction } from '../../data/privacy.ts';
import { StatusIcon } from '../../ui/status.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { foundWords, partsOf, sampleText } from './privacy-words.ts';

/** What a text becomes with the settings on screen, and what the server has against them. */
export function usePrivacyTrial(privacy: Privacy) {
  const [text, setText] = useState(sampleText);
  // Half-typed patterns are not asked about.
  const custom = privacy.custom.filter(({ name, pattern }) => name !== '' && pattern !== '');
  const asked = useDeferredValue({ ...privacy, custom });
  const { data, error } = useTriedRedaction(asked, useDeferredValue(text));
  // Shown while a pattern is half typed and cannot be used.
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last) setLast(data);
  return { text, setText, tried: data ?? last, problem: error?.message ?? null };
}

interface PrivacyTryProps {
  text: string;
  onChange: (text: string) => void;
  tried: TriedRedaction | undefined;
  /** The settings on screen cannot be used, so what is shown is from before. */
  isStale: boolean;
}

/** A text of one's own, and what would be written of it. */
export function PrivacyTry({ text, onChange, tried, isStale }: PrivacyTryProps) {
  const found = tried && foundWords(tried.found);
  return (
    <div>
      <h3 className="mb-2">Try it</h3>
      <TextArea
        label="A text that is sent (nothing is kept of it)"
        rows={4}
        maxLength={65_536}
        spellCheck={false}
        value={text}
        onChange={event => onChange(event.target.value)}
      />
      <p className="mt-3 mb-1 text-label font-semibold">What is written</p>
      <output className="block min-h-14 rounded-control border border-line bg-surface px-2 py-1.5 break-words whitespace-pre-wrap">
        {tried &&
          partsOf(tried.text).map((part, at) =>
            part.isPlaceholder ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, drawn anew together
              <mark key={at} className="rounded-control bg-accent/15 px-0.5 font-mono text-label text-ink">
                {part.text}
              </mark>
            ) : (
              part.text
            ),
          )}
      </output>
      <p role="status" className="mt-1 flex items-center gap-2 text-muted">
        {isStale && <StatusIcon status="warning" />}
        {isStale
          ? 'A pattern cannot be used. This is what it was before.'
          : tried && (found ? `Found: ${found}` : 'Nothing was found.')}
      </p>
    </div>
  );
}
