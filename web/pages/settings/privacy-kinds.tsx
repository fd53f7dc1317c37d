import type { RedactionKind } from '#contract/privacy.ts';
import { CheckBox } from '../../ui/check-box.tsx';
import { kinds, kindWords } from './privacy-words.ts';

interface PrivacyKindsProps {
  chosen: readonly RedactionKind[];
  onChange: (chosen: RedactionKind[]) => void;
}

/** The kinds of values that are taken out, each with an example. */
export function PrivacyKinds({ chosen, onChange }: PrivacyKindsProps) {
  const toggle = (kind: RedactionKind) =>
    onChange(kinds.filter(each => (each === kind ? !chosen.includes(each) : chosen.includes(each))));
  return (
    <fieldset>
      <legend className="font-semibold">Taken out</legend>
      <p className="mt-0.5 mb-2 max-w-text text-muted">
        In names, attributes, prompts, answers, logs, metrics, scores and comments. In place of a value stands
        its kind and a code, like{' '}
        <code className="font-mono text-label whitespace-nowrap">[email 3f9a2c1b]</code>. Equal values have
        equal codes, so people can still be counted; the value cannot be had back.
      </p>
      <ul className="rounded-card border border-line">
        {kinds.map(kind => (
          <li key={kind} className="border-t border-line first:border-t-0 hover:bg-surface">
            <CheckBox
              label={kindWords[kind].label}
              checked={chosen.includes(kind)}
              onChange={() => toggle(kind)}
              className="px-3 py-2.5"
            >
              <span className="block text-muted">{kindWords[kind].what}</span>
              <span className="block font-mono text-label break-all text-muted">
                {kindWords[kind].example}
              </span>
            </CheckBox>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
