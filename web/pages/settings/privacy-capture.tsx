import type { Privacy } from '#contract/privacy.ts';
import { Segmented } from '../../ui/segmented.tsx';

type Capture = Privacy['capture_content'];

const labels: Record<Capture, string> = { on: 'Kept', auto: 'On this machine only', off: 'Not kept' };

const meanings: Record<Capture, string> = {
  on: 'Prompts, answers, tool calls and retrieved documents are stored and shown with their call. What is ticked below is taken out of them first.',
  auto: 'They are kept while Driftline can only be reached from the machine it runs on, and not kept as soon as others can reach it.',
  off: 'They are dropped when they arrive, before anything is written. Cost, tokens, latency, errors and scores are known all the same; the text of an answer is not.',
};

interface PrivacyCaptureProps {
  value: Capture;
  /** What holds at the moment; null when the choice is not saved yet. */
  captured: boolean | null;
  onChange: (value: Capture) => void;
}

/** Whether prompts and answers are kept, and what that means. */
export function PrivacyCapture({ value, captured, onChange }: PrivacyCaptureProps) {
  return (
    <div>
      <h3 className="mb-2">Prompts and answers</h3>
      <Segmented
        label="Prompts and answers"
        value={value}
        options={(['on', 'auto', 'off'] as const).map(each => ({ value: each, label: labels[each] }))}
        onChange={onChange}
      />
      <p className="mt-2 max-w-text text-muted">
        {meanings[value]}
        {value === 'auto' &&
          captured !== null &&
          ` At the moment they are ${captured ? 'kept' : 'not kept'}.`}
      </p>
    </div>
  );
}
