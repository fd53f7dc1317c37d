import { Plus, Trash2 } from 'lucide-react';
import type { Privacy } from '#contract/privacy.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { nameProblem } from './privacy-words.ts';

type Pattern = Privacy['custom'][number];

const MOST = 20;

interface PrivacyPatternsProps {
  patterns: readonly Pattern[];
  /** What the server said about them; it names the pattern. */
  problem: string | null;
  onChange: (patterns: Pattern[]) => void;
}

/** Patterns of the user's own. */
export function PrivacyPatterns({ patterns, problem, onChange }: PrivacyPatternsProps) {
  const change = (at: number, part: Partial<Pattern>) =>
    onChange(patterns.map((pattern, each) => (each === at ? { ...pattern, ...part } : pattern)));
  const problemOf = ({ name }: Pattern) =>
    name !== '' && problem?.startsWith(`${name}: `) ? problem.slice(name.length + 2) : undefined;
  return (
    <div>
      <h3>Patterns of your own</h3>
      <p className="mt-0.5 mb-2 max-w-text text-muted">
        For customer numbers and the like, in{' '}
        <a
          className="text-accent underline hover:no-underline"
          href="https://github.com/google/re2/wiki/Syntax"
          target="_blank"
          rel="noreferrer"
        >
          RE2 syntax
        </a>
        , which never takes long whatever is sent. A pattern finds up to 256 characters; each one is tried on
        every text that arrives and takes its time there.
      </p>
      {patterns.length > 0 && (
        <ul className="mb-2 flex flex-col gap-3">
          {patterns.map((pattern, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place, and are not reordered
            <li key={at} className="flex flex-wrap items-start gap-2">
              <TextField
                label="Name"
                className="w-full sm:w-40"
                placeholder="customer"
                maxLength={32}
                value={pattern.name}
                error={nameProblem(
                  pattern.name,
                  patterns.filter((_, other) => other < at).map(other => other.name),
                )}
                onChange={event => change(at, { name: event.target.value })}
              />
              <TextField
                label="Pattern"
                className="flex-[1_1_200px] [&_input]:font-mono"
                placeholder="CUST-\d{6}"
                maxLength={500}
                spellCheck={false}
                autoCapitalize="off"
                value={pattern.pattern}
                error={problemOf(pattern)}
                onChange={event => change(at, { pattern: event.target.value })}
              />
              <Button
                look="quiet"
                square
                className="mt-5"
                aria-label={`Remove the pattern ${pattern.name || at + 1}`}
                onClick={() => onChange(patterns.filter((_, each) => each !== at))}
              >
                <Trash2 size={16} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Button
        disabled={patterns.length >= MOST}
        onClick={() => onChange([...patterns, { name: '', pattern: '' }])}
      >
        <Plus size={16} aria-hidden />
        Add a pattern
      </Button>
    </div>
  );
}
