import type { ComparedCase, ToolCall } from '../../data/golden.ts';
import { classes } from '../../ui/classes.ts';
import { callText } from './words.ts';

/** Tools an answer asks for, a line each; an empty list is said in words. */
export function ToolCalls({ label, calls }: { label: string; calls: readonly ToolCall[] }) {
  return (
    <div className="mt-1 min-w-0">
      <span className="text-label text-muted">{label}</span>{' '}
      {calls.length === 0 ? (
        <span className="text-muted">no tool</span>
      ) : (
        <ul>
          {calls.map((call, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: calls have no identity but their place
            <li key={at} className={LINE}>
              {callText(call)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const LINE = 'line-clamp-3 font-mono text-label break-all';
const MARKS = { same: '=', removed: '\u2212', added: '+' };
const TONES = { same: '', removed: 'text-critical', added: 'text-good' };
const SAID = { same: 'as before', removed: 'no longer', added: 'new' };

/** Tools both runs asked for, and those only one of them did. */
export function ToolDiff({ diff }: { diff: ComparedCase['tool_diff'] }) {
  if (diff.length === 0) return null;
  return (
    <div className="mt-1 min-w-0">
      <span className="text-label text-muted">asks for</span>
      <ul>
        {diff.map(({ kind, text }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
          <li key={at} className={classes(LINE, TONES[kind])}>
            <span aria-hidden className="mr-2 inline-block w-2">
              {MARKS[kind]}
            </span>
            <span className="sr-only">{SAID[kind]}: </span>
            {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
